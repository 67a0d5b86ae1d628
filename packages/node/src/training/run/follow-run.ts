import { CairnError, type Logger } from '@cairn/core';
import type { RoundView, RunReader, Timer } from '@cairn/protocol';

export interface FollowParts {
  readonly ledger: Pick<RunReader, 'watch'>;
  readonly timer: Timer;
  readonly log: Logger;
}

/** After this long what failed is tried again, when nothing changed before. */
const RETRY_MS = 3_000;

/**
 * Does what is to be done for a run, each time with its newest state, one time after another, until the run ended or
 * the signal. What fails with a known problem is tried again: a peer may be back, a block may have come.
 *
 * @param act told the state; asks `newest` for a newer one while it works.
 */
export async function followRun(
  { ledger, timer, log }: FollowParts,
  run: Uint8Array,
  act: (view: RoundView, newest: () => RoundView) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let latest: RoundView | null = null;
  let change = Promise.withResolvers<void>();
  let isOver = false;
  const wake = () => change.resolve();
  const watching = (async () => {
    for await (const view of ledger.watch(run, signal)) {
      latest = view;
      wake();
      if (view.run.phase === 'ended') break;
    }
  })();
  const watched = watching.finally(() => {
    isOver = true;
    wake();
  });
  // Its failure is thrown below, where it is awaited.
  watched.catch(() => undefined);

  while (!signal.aborted) {
    await change.promise;
    change = Promise.withResolvers<void>();
    if (latest !== null && !signal.aborted) {
      const stop = await tryOnce(latest, act, () => latest!);
      // A change that came meanwhile is seen at once.
      if (isOver) break;
      if (stop !== null) void change.promise.then(stop);
    }
    if (isOver) break;
  }
  await watched;

  async function tryOnce(
    view: RoundView,
    work: typeof act,
    newest: () => RoundView,
  ): Promise<(() => void) | null> {
    try {
      await work(view, newest);
      return null;
    } catch (error) {
      if (signal.aborted) return null;
      if (!(error instanceof CairnError)) throw error;
      log.warn('a step of a run is tried again', { code: error.code, reason: error.message.slice(0, 300) });
      return timer.schedule(RETRY_MS, wake);
    }
  }
}
