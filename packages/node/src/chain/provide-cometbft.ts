import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { ChainError, COMETBFT_PACKAGE, COMETBFT_VERSION, findCometbft, startChild } from '@cairn/chain';
import { NodeError } from '../errors.ts';

export interface ProvideCometbftOptions {
  /** A program that was named; empty: looked for. */
  readonly path: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Told before something takes minutes. */
  readonly onBuild?: (folder: string) => void;
}

/** Where programs of this version are kept. `scripts/provision` uses the same folder. */
function cacheFolder(environment: ProvideCometbftOptions['environment']): string {
  const cache = environment.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return join(environment.CAIRN_CACHE ?? join(cache, 'cairn'), `cometbft-${COMETBFT_VERSION}`);
}

/**
 * A CometBFT of the right version: the one that was named, one in the cache or on the path, or one that Go builds
 * into the cache, from source whose hash Go checks against its public log.
 *
 * @throws ChainError `COMETBFT_MISSING`, `COMETBFT_WRONG_VERSION`. NodeError `COMETBFT_NOT_BUILT`
 */
export async function provideCometbft(options: ProvideCometbftOptions): Promise<string> {
  const { path, environment, onBuild } = options;
  if (path !== '') return findCometbft({ path, folders: [] });
  const cache = cacheFolder(environment);
  const onPath = (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  try {
    return await findCometbft({ folders: [cache, ...onPath] });
  } catch (error) {
    if (!(error instanceof ChainError) || !(await hasGo(environment))) throw error;
    onBuild?.(cache);
    await build(cache);
    return findCometbft({ folders: [cache] });
  }
}

async function hasGo(environment: ProvideCometbftOptions['environment']): Promise<boolean> {
  if (environment.PATH === undefined) return false;
  return (await startChild('go', ['version']).ended).code === 0;
}

async function build(cache: string): Promise<void> {
  await mkdir(dirname(cache), { recursive: true });
  const work = await mkdtemp(`${cache}.`);
  try {
    const install = [`GOBIN=${work}`, 'go', 'install', COMETBFT_PACKAGE];
    const { code, said } = await startChild('env', install).ended;
    if (code !== 0) {
      throw new NodeError(
        { code: 'COMETBFT_NOT_BUILT', exitCode: code, said },
        `Go could not build CometBFT ${COMETBFT_VERSION}: ${said.at(-1) ?? 'it said nothing'}. It needs Go 1.22.11 or newer and the network. Run  go install ${COMETBFT_PACKAGE}  yourself and name the program with --cometbft.`,
      );
    }
    await rm(cache, { recursive: true, force: true });
    await rename(work, cache);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
