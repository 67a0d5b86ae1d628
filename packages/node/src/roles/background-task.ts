import type { Logger } from '@cairn/core';

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
