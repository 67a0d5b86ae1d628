import { parentPort } from 'node:worker_threads';
import type { ThreadAnswer, ThreadQuestion } from './thread.ts';

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

/** Answers calls one after another: a computation fills a thread. Call this once in the file of the thread. */
export function serveThread(functions: Readonly<Record<string, ThreadFunction>>): void {
  const port = parentPort!;
  let turn: Promise<void> = Promise.resolve();

  async function run({ call, name, given, stop }: ThreadQuestion): Promise<void> {
    const flag = new Int32Array(stop);
    const context: ThreadContext = {
      // The flag is seen in the middle of a computation too, when no message is.
      isStopped: () => Atomics.load(flag, 0) !== 0,
      progress: (value) => port.postMessage({ kind: 'progress', call, value } satisfies ThreadAnswer),
    };
    try {
      const wanted = functions[name];
      if (wanted === undefined) throw new Error(`This thread has no function ${name}.`);
      const { answer, moved = [] } = await wanted(given as never, context);
      port.postMessage({ kind: 'done', call, answer } satisfies ThreadAnswer, [...moved]);
    } catch (error) {
      const { code, message } = error as { code?: unknown; message?: unknown };
      const failure = { code: typeof code === 'string' ? code : null, message: String(message ?? error) };
      port.postMessage({ kind: 'failed', call, ...failure } satisfies ThreadAnswer);
    }
  }

  port.on('message', (question: ThreadQuestion) => {
    turn = turn.then(() => run(question));
  });
}
