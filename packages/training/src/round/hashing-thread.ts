import { Worker } from 'node:worker_threads';
import type { HashingJob } from './hashing-worker.ts';
import { nativeDigest } from './native-digest.ts';
import { hashTensors, orderTensors } from './state-hash.ts';
import { type Allocate, type StateHasher, traceFailed } from './state-hasher.ts';

export interface HashingThread extends StateHasher, AsyncDisposable {
  /** Memory that the thread reads where it lies; of other arrays it gets a copy each time. */
  readonly allocate: Allocate;
}

export interface HashingThreadOptions {
  /** Smaller states are hashed at once, where they are: that is sooner done than told. @default 1 MiB */
  readonly leastBytes?: number;
}

/**
 * Hashes states on a thread of its own, which starts with the first one. A thread that dies fails what it was asked, and
 * the next state starts another. States that are asked for while one is hashed wait for it. An idle thread does not keep
 * the process; disposing it waits until it is gone.
 */
export function createHashingThread({ leastBytes = 2 ** 20 }: HashingThreadOptions = {}): HashingThread {
  let worker: Worker | null = null;
  /** What the thread is asked for. */
  let asked: PromiseWithResolvers<Uint8Array> | null = null;
  /** The shared tensors that the thread has. */
  let known: readonly Float32Array[] = [];
  let last: Promise<unknown> = Promise.resolve();
  let isOver = false;

  function start(): Worker {
    const file = import.meta.url.endsWith('.ts') ? './hashing-worker.ts' : './hashing-worker.js';
    const started = new Worker(new URL(file, import.meta.url), { env: {} });
    const die = (reason: string, cause?: unknown) => {
      if (worker !== started) return;
      worker = null;
      known = [];
      asked?.reject(traceFailed(reason, cause));
    };
    started.on('message', (leaf: Uint8Array) => asked?.resolve(leaf));
    started.on('error', (cause: Error) => die(cause.message, cause));
    started.on('exit', (code) => die(`the thread that hashes ended with code ${code}`));
    return started;
  }

  async function hash(step: number, tensors: readonly Float32Array[]): Promise<Uint8Array> {
    if (isOver) throw traceFailed('the thread that hashes was ended');
    const bytes = tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (bytes < leastBytes) return hashTensors(nativeDigest, step, tensors);
    worker ??= start();
    const thread = worker;
    const isKnown =
      known.length === tensors.length && tensors.every((values, index) => values === known[index]);
    known = tensors.every(({ buffer }) => buffer instanceof SharedArrayBuffer) ? tensors : [];
    asked = Promise.withResolvers();
    thread.ref();
    try {
      thread.postMessage((isKnown ? { step } : { step, tensors }) satisfies HashingJob);
      return await asked.promise;
    } finally {
      asked = null;
      thread.unref();
    }
  }

  return {
    allocate: (length) => new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT)),
    hash(table, step, state) {
      const tensors = orderTensors(table, state);
      const turn = last.then(() => hash(step, tensors));
      last = turn.catch(() => undefined);
      return turn;
    },
    async [Symbol.asyncDispose]() {
      isOver = true;
      await last;
      await worker?.terminate();
    },
  };
}
