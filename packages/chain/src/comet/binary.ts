import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { ChainError } from '../errors.ts';
import { environmentOfOthers } from './child.ts';

/** The version all validators of a network run: others may end in another state. */
export const COMETBFT_VERSION = '0.38.25';

/** Where Go has its source. */
export const COMETBFT_PACKAGE = `github.com/cometbft/cometbft/cmd/cometbft@v${COMETBFT_VERSION}`;

export interface FindCometbftOptions {
  /** A program that was named; no other is looked for. */
  readonly path?: string;
  /** Folders to look in, in order. */
  readonly folders: readonly string[];
}

/**
 * A CometBFT of the right version.
 *
 * @throws ChainError `COMETBFT_MISSING`, `COMETBFT_WRONG_VERSION`
 */
export async function findCometbft({ path, folders }: FindCometbftOptions): Promise<string> {
  const candidates = path === undefined ? folders.map((folder) => join(folder, 'cometbft')) : [path];
  let wrong: ChainError | null = null;
  for (const candidate of candidates) {
    if (!(await isProgram(candidate))) continue;
    const found = await versionOf(candidate);
    if (found === COMETBFT_VERSION) return candidate;
    wrong ??= new ChainError(
      { code: 'COMETBFT_WRONG_VERSION', path: candidate, found, wanted: COMETBFT_VERSION },
      `${candidate} is CometBFT ${found || 'of no version it would tell'}, this network runs ${COMETBFT_VERSION}. Install that: ${HOW}`,
    );
  }
  throw (
    wrong ??
    new ChainError(
      { code: 'COMETBFT_MISSING', looked: candidates },
      path === undefined
        ? `CometBFT ${COMETBFT_VERSION} was not found. Install it: ${HOW}`
        : `There is no program ${path}. Name the CometBFT ${COMETBFT_VERSION} you built, or install it: ${HOW}`,
    )
  );
}

const HOW = `with Go 1.22 or newer (https://go.dev/dl), run  go install ${COMETBFT_PACKAGE}  and name the program with --cometbft.`;

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    // Not there or not for us: the next folder may have one, and the caller says where it looked.
    return false;
  }
}

/** Empty when the program does not say. */
function versionOf(path: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(
      path,
      ['version'],
      { timeout: 10_000, maxBuffer: 65_536, env: environmentOfOthers() },
      (_, stdout) => {
        resolve(/^v?(\d+\.\d+\.\d+\S*)/.exec(stdout.trim())?.[1] ?? '');
      },
    );
  });
}
