import { CairnError, type Logger } from '@cairn/core';
import type { RoundView, RunReader, Timer } from '@cairn/protocol';

export interface FollowParts {
  readonly ledger: Pick<RunReader, 'watch' | 'round'>;
  readonly timer: Timer;
  readonly log: Logger;
}

/** A run is looked at so often when nothing changes: deadlines come near, peers come back. */
const LOOK_MS = 2_000;

/**
 * Does what is to be done for a run with its newest state, again after each change and every two seconds, one time
 * after another, until the run ended or the signal. What fails with a known problem is tried again.
 */
export async function followRun(
  { ledger, timer, log }: FollowParts,
  run: Uint8Array,
  act: (view: RoundView) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const isOver = () => signal.aborted || over.signal.aborted;
  let change = Promise.withResolvers<void>();
  const wake = () => change.resolve();
  const watching = (async () => {
    for await (const _ of ledger.watch(run, AbortSignal.any([signal, over.signal]))) wake();
  })();
  // Its failure is thrown below, where it is awaited.
  const watched = watching.catch((error: unknown) => {
    over.abort();
    wake();
    if (!signal.aborted) throw error;
  });
  watched.catch(() => undefined);
  signal.addEventListener('abort', wake, { once: true });

  while (!isOver()) {
    change = Promise.withResolvers<void>();
    const view = await tryOnce();
    if (view?.run.phase === 'ended') over.abort();
    if (isOver()) break;
    const stop = timer.schedule(LOOK_MS, wake);
    await change.promise;
    stop();
  }
  over.abort();
  signal.removeEventListener('abort', wake);
  await watched;

  async function tryOnce(): Promise<RoundView | null> {
    try {
      const view = await ledger.round(run);
      if (view !== null) await act(view);
      return view;
    } catch (error) {
      if (signal.aborted) return null;
      if (!(error instanceof CairnError)) throw error;
      log.warn('a step of a run is tried again', { code: error.code, reason: error.message.slice(0, 300) });
      return null;
    }
  }
}
