import { parentPort } from 'node:worker_threads';
import { CairnError } from '@cairn/core';
import type { ThreadAnswer, ThreadEnd, ThreadQuestion } from './thread.ts';

/** What a function of a thread may use besides its arguments. */
export interface ThreadContext {
  /** Whether the caller wants it to end. */
  isStopped(): boolean;
  /** Tells the caller how it goes. */
  progress(value: unknown): void;
}

/** @returns the answer; typed arrays in `moved` change their owner instead of being copied */
export type ThreadFunction = (
  given: never,
  context: ThreadContext,
) => Promise<{ readonly answer: unknown; readonly moved?: readonly ArrayBuffer[] }>;

export interface ThreadHooks {
  /** Lets go of what the functions made, when the last call is over. */
  close(): Promise<void>;
}

export interface ServedThread {
  /** Lets messages arrive in the middle of a computation. @throws Error when the thread is to end */
  turn(): Promise<void>;
}

/** Answers calls one after another: a computation fills a thread. Call this once in the file of the thread. */
export function serveThread(
  functions: Readonly<Record<string, ThreadFunction>>,
  { close }: ThreadHooks,
): ServedThread {
  const port = parentPort!;
  let last: Promise<void> = Promise.resolve();
  let isEnding = false;

  async function run({ call, name, given, stop }: ThreadQuestion): Promise<void> {
    const flag = new Int32Array(stop);
    const context: ThreadContext = {
      // The flag is seen in the middle of a computation too, when no message is.
      isStopped: () => isEnding || Atomics.load(flag, 0) !== 0,
      progress: (value) => port.postMessage({ kind: 'progress', call, value } satisfies ThreadAnswer),
    };
    try {
      refuseEnding();
      const wanted = functions[name];
      if (wanted === undefined) throw new Error(`This thread has no function ${name}.`);
      const { answer, moved = [] } = await wanted(given as never, context);
      port.postMessage({ kind: 'done', call, answer } satisfies ThreadAnswer, [...moved]);
    } catch (error) {
      const { code, message } = error as { code?: unknown; message?: unknown };
      const failure = {
        code: typeof code === 'string' ? code : null,
        problem: error instanceof CairnError ? error.problem : null,
        message: String(message ?? error),
      };
      port.postMessage({ kind: 'failed', call, ...failure } satisfies ThreadAnswer);
    }
  }

  function refuseEnding(): void {
    if (isEnding) throw new Error('The thread is ending.');
  }

  port.on('message', (message: ThreadQuestion | ThreadEnd) => {
    if ('call' in message) {
      last = last.then(() => run(message));
      return;
    }
    isEnding = true;
    last = last.then(close).finally(() => port.close());
  });
  return {
    async turn() {
      await new Promise<void>((resolve) => setImmediate(resolve));
      refuseEnding();
    },
  };
}
