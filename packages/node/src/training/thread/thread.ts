import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { CancelSignal, Problem } from '@cairn/core';
import { NodeError } from '../../errors.ts';

/** What is sent to a thread. */
export interface ThreadQuestion {
  readonly call: number;
  readonly name: string;
  readonly given: unknown;
  /** One 32-bit flag; not 0 when the caller wants the call to end. */
  readonly stop: SharedArrayBuffer;
}

/** Asks a thread to end when the call that it is in is over. */
export interface ThreadEnd {
  readonly kind: 'end';
}

/** What a thread says. */
export type ThreadAnswer =
  | { readonly kind: 'progress'; readonly call: number; readonly value: unknown }
  | { readonly kind: 'done'; readonly call: number; readonly answer: unknown }
  | {
      readonly kind: 'failed';
      readonly call: number;
      readonly code: string | null;
      /** Of one of our errors, which its fields tell more of. */
      readonly problem: Problem | null;
      readonly message: string;
    };

export interface CallOptions {
  /** Ends the call; the function sees it between two steps. */
  readonly signal?: CancelSignal;
  readonly onProgress?: (value: unknown) => void;
  /** Buffers that change their owner instead of being copied. */
  readonly moved?: readonly ArrayBuffer[];
}

/**
 * A thread whose functions are called, one at a time. Disposing it waits until the thread has left what it computes and
 * ended by itself: native code that is cut off takes the whole process with it.
 */
export interface Thread extends AsyncDisposable {
  /** @throws NodeError `THREAD_FAILED` with what the function threw, its problem as the cause, or when the thread died */
  call<T>(name: string, given: unknown, options?: CallOptions): Promise<T>;
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: ((value: unknown) => void) | undefined;
}

export interface ThreadOptions {
  /** Most that JavaScript on the thread may hold, besides WebAssembly's own memory. @default 4_096 */
  readonly maxMemoryMb?: number;
  /** Its environment. @default nothing */
  readonly env?: Readonly<Record<string, string>>;
  /** After so long it is not waited for when it is to end, and ends with the process. @default 60_000 */
  readonly endMs?: number;
}

/** Starts a thread on a file that calls `serveThread`. One that dies is started again by the next call. */
export function startThread(
  file: URL,
  { maxMemoryMb = 4_096, env = {}, endMs = 60_000 }: ThreadOptions = {},
): Thread {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | null = null;
  let calls = 0;
  let isOver = false;

  function open(): Worker {
    const opened = new Worker(file, { env, resourceLimits: { maxOldGenerationSizeMb: maxMemoryMb } });
    opened.on('message', hear);
    const die = (reason: string) => {
      if (worker === opened) worker = null;
      for (const { reject } of waiting.values()) reject(failed(null, reason));
      waiting.clear();
    };
    opened.on('error', (error) => die(String((error as Error).message ?? error)));
    opened.on('exit', (code) => die(`the thread ended with code ${code}`));
    return opened;
  }

  function hear(answer: ThreadAnswer): void {
    const asked = waiting.get(answer.call);
    if (asked === undefined) return;
    if (answer.kind === 'progress') {
      asked.onProgress?.(answer.value);
      return;
    }
    waiting.delete(answer.call);
    if (waiting.size === 0) worker?.unref();
    if (answer.kind === 'done') asked.resolve(answer.answer);
    else asked.reject(failed(answer.code, answer.message, answer.problem));
  }

  return {
    async call<T>(name: string, given: unknown, { signal, onProgress, moved = [] }: CallOptions = {}) {
      if (isOver) throw failed(null, 'the thread was ended');
      if (signal?.aborted === true) throw failed(null, 'it is not wanted any more');
      worker ??= open();
      const call = calls++;
      const flag = new Int32Array(new SharedArrayBuffer(4));
      const stop = () => Atomics.store(flag, 0, 1);
      signal?.addEventListener('abort', stop, { once: true });
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      waiting.set(call, { resolve, reject, onProgress });
      worker.ref();
      const question: ThreadQuestion = { call, name, given, stop: flag.buffer };
      worker.postMessage(question, [...moved]);
      try {
        return (await promise) as T;
      } finally {
        signal?.removeEventListener('abort', stop);
      }
    },
    async [Symbol.asyncDispose]() {
      isOver = true;
      if (worker === null) return;
      const ending = worker;
      const gone = new Promise<void>((resolve) => ending.once('exit', () => resolve()));
      // An idle thread does not hold the process, which has to live until the thread is gone.
      ending.ref();
      ending.postMessage({ kind: 'end' } satisfies ThreadEnd);
      await Promise.race([gone, setTimeout(endMs, undefined, { ref: false })]);
      ending.unref();
    },
  };
}

function failed(code: string | null, reason: string, problem: Problem | null = null): NodeError {
  return new NodeError(
    { code: 'THREAD_FAILED', cause: code, reason },
    `A computation of training failed: ${reason}`,
    { cause: problem },
  );
}
