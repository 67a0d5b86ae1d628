import type { Logger } from '@cairn/core';
import type { Timer } from '@cairn/protocol';

/** Between a failure of a standing task and its next beginning. */
const AGAIN_MS = 2_000;

/** Runs until it is disposed, then waits for it to end. A failure is logged: the role's other work goes on. */
export function backgroundTask(
  log: Logger,
  name: string,
  run: (signal: AbortSignal) => Promise<void>,
): AsyncDisposable {
  const abort = new AbortController();
  const done = run(abort.signal).catch((error: unknown) => {
    if (!abort.signal.aborted) log.error('background task stopped', { task: name, error: String(error) });
  });
  return {
    async [Symbol.asyncDispose]() {
      abort.abort();
      await done;
    },
  };
}

/**
 * Runs until it is disposed and begins again after a failure: the nodes that a member reads the ledger from come and go.
 * What happened meanwhile is for `run` to look up when it begins.
 */
export function standingTask(
  { log, timer }: { readonly log: Logger; readonly timer: Timer },
  name: string,
  run: (signal: AbortSignal) => Promise<void>,
): AsyncDisposable {
  return backgroundTask(log, name, async (signal) => {
    while (!signal.aborted) {
      try {
        await run(signal);
      } catch (error) {
        if (signal.aborted) return;
        log.warn('background task begins again', { task: name, error: String(error) });
        await pause(timer, AGAIN_MS, signal);
      }
    }
  });
}

const pause = (timer: Timer, ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const stop = timer.schedule(ms, resolve);
    signal.addEventListener(
      'abort',
      () => {
        stop();
        resolve();
      },
      { once: true },
    );
  });
