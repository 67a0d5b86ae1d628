import { bytesToHex, CairnError, type Logger } from '@cairn/core';
import type { RunReader, RunView, Timer } from '@cairn/protocol';
import { backgroundTask } from '../../roles/background-task.ts';
import type { Library } from '../library/library.ts';

/** Runs are looked for so often. */
const LOOK_MS = 5_000;

export interface WatchRunsOptions {
  readonly ledger: RunReader;
  /** What is here of runs that ended makes room for others. */
  readonly library: Pick<Library, 'blobsOf' | 'end'>;
  readonly isWanted: (run: RunView) => Promise<boolean>;
}

/** Follows every wanted run of the ledger that is not ended, also those that are created later. */
export function watchRuns(
  { timer }: { readonly timer: Timer },
  log: Logger,
  { ledger, library, isWanted }: WatchRunsOptions,
  follow: (run: RunView, signal: AbortSignal) => Promise<void>,
): AsyncDisposable {
  const following = new Map<string, AsyncDisposable>();

  const ended = new Set<string>();
  async function end(run: string): Promise<void> {
    if (ended.has(run)) return;
    if (library.blobsOf(run).length > 0) await library.end(run);
    ended.add(run);
  }

  async function look(): Promise<void> {
    for (let page = await ledger.runs(); page.length > 0; page = await ledger.runs(page.at(-1)!.id))
      for (const run of page) {
        const name = bytesToHex(run.id);
        if (run.phase === 'ended') await end(name);
        if (run.phase === 'ended' || following.has(name) || !(await isWanted(run))) continue;
        following.set(
          name,
          backgroundTask(log, 'following a run', (signal) => follow(run, signal)),
        );
      }
  }

  const search = backgroundTask(log, 'looking for runs', async (signal) => {
    while (!signal.aborted) {
      try {
        await look();
      } catch (error) {
        if (!(error instanceof CairnError)) throw error;
        log.debug('runs could not be looked for', { code: error.code });
      }
      await new Promise<void>((resolve) => {
        const stop = timer.schedule(LOOK_MS, resolve);
        const end = () => {
          stop();
          resolve();
        };
        signal.addEventListener('abort', end, { once: true });
      });
    }
  });
  return {
    async [Symbol.asyncDispose]() {
      await search[Symbol.asyncDispose]();
      await Promise.all([...following.values()].map((each) => each[Symbol.asyncDispose]()));
    },
  };
}
