import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { environmentOfOthers } from '@cairn/chain';
import { NodeError } from '../errors.ts';
import { ENGINE_KINDS, installHint, type ManagedKind } from './engine-kinds.ts';

export interface FoundEngine {
  readonly kind: ManagedKind;
  /** Absolute path. */
  readonly program: string;
  /** As its program says; null when it says none that can be read. */
  readonly version: string | null;
}

export interface FindEngineOptions {
  /** The program itself. @default looked for on PATH */
  readonly program?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform?: NodeJS.Platform;
}

/** vLLM imports a lot before it says its version. */
const VERSION_TIMEOUT_MS = 60_000;
const run = promisify(execFile);

/**
 * Looks for an engine and asks for its version.
 *
 * @throws NodeError `ENGINE_NOT_INSTALLED`, `ENGINE_TOO_OLD`
 */
export async function findEngine(kind: ManagedKind, options: FindEngineOptions): Promise<FoundEngine> {
  const { platform = process.platform } = options;
  const hint = installHint(kind, platform);
  const program = platform === 'win32' ? null : await findProgram(kind, options);
  if (program === null) {
    const where = options.program === undefined ? 'on PATH' : `at ${options.program}`;
    throw new NodeError(
      { code: 'ENGINE_NOT_INSTALLED', engine: kind, platform },
      `There is no ${ENGINE_KINDS[kind].program} ${where}. To install it: ${hint}. Or name its program with --program.`,
    );
  }
  const version = await versionOf(program);
  const { leastVersion } = ENGINE_KINDS[kind];
  if (version !== null && isOlder(version, leastVersion)) {
    throw new NodeError(
      { code: 'ENGINE_TOO_OLD', engine: kind, version, least: leastVersion.join('.') },
      `${program} is version ${version}; Cairn needs ${leastVersion.join('.')} or newer. To install it: ${hint}.`,
    );
  }
  return { kind, program, version };
}

async function findProgram(
  kind: ManagedKind,
  { program, environment }: FindEngineOptions,
): Promise<string | null> {
  const { program: name } = ENGINE_KINDS[kind];
  const folders = (environment.PATH ?? '').split(delimiter).filter(isAbsolute);
  const candidates = program === undefined ? folders.map((folder) => join(folder, name)) : [resolve(program)];
  for (const path of candidates) if (await isExecutable(path)) return path;
  return null;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    // Not there, or not to be run: either way it is not what is looked for.
    return false;
  }
}

/** Numbers with dots between, or the build number of llama.cpp; some say it on their standard error. */
async function versionOf(program: string): Promise<string | null> {
  try {
    const { stdout, stderr } = await run(program, ['--version'], {
      timeout: VERSION_TIMEOUT_MS,
      maxBuffer: 65_536,
      env: environmentOfOthers(),
    });
    return readVersion(`${stdout}\n${stderr}`);
  } catch {
    // A program that cannot say its version may still run; what it says when it does not is shown then.
    return null;
  }
}

/** The first version in what a program said: `version: 4567 (abc)`, `ollama version is 0.5.1`, `0.6.3.post1`. */
export function readVersion(said: string): string | null {
  return (
    /version:? (?:is )?v?(\d{1,9}(?:\.\d{1,9}){0,3})/iu.exec(said)?.[1] ??
    /(?:^|\s)v?(\d{1,9}(?:\.\d{1,9}){1,3})/u.exec(said)?.[1] ??
    null
  );
}

function isOlder(version: string, least: readonly number[]): boolean {
  const parts = version.split('.').map(Number);
  for (const [index, wanted] of least.entries()) {
    const has = parts[index] ?? 0;
    if (has !== wanted) return has < wanted;
  }
  return false;
}
