import { Worker } from 'node:worker_threads';
import type { Crypto } from '@cairn/core';
import {
  type ParsedTransaction,
  signatureInvalid,
  type TransactionProblem,
  verifySignature,
} from '@cairn/ledger';
import { ChainError } from '../errors.ts';
import type { Verifier } from './verifier.ts';
import type { VerifyJob } from './verify-thread.ts';

export interface ThreadedVerifierOptions {
  /** Threads that check signatures. They start with the first load that is worth it. @default 2 */
  readonly threads?: number;
  /** Fewer waiting transactions than this are checked at once on the calling thread. @default 8 */
  readonly inlineBelow?: number;
  /** Most transactions handed to a thread at a time. @default 128 */
  readonly batch?: number;
}

interface Waiting {
  readonly tx: Uint8Array;
  readonly parsed: ParsedTransaction;
  readonly resolve: (problem: TransactionProblem | null) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  /** In the order the thread will answer them. */
  readonly batches: Waiting[][];
}

/** Batches a thread holds at most: one it works on and one it finds next. */
const AHEAD = 2;

/** Transactions end to end: the thread cuts what it needs out of them. */
function jobOf(batch: readonly Waiting[]): VerifyJob {
  const ends = new Uint32Array(batch.length);
  let size = 0;
  for (const [i, { tx }] of batch.entries()) {
    size += tx.length;
    ends[i] = size;
  }
  const bytes = new Uint8Array(size);
  for (const [i, { tx }] of batch.entries()) bytes.set(tx, ends[i]! - tx.length);
  return { bytes, ends };
}

/** Checks signatures on other threads when there are many, so that execution has a core to itself. */
export function createThreadedVerifier(crypto: Crypto, options: ThreadedVerifierOptions = {}): Verifier {
  const { threads: limit = 2, inlineBelow = 8, batch: batchSize = 128 } = options;
  const threads = new Set<Thread>();
  let queue: Waiting[] = [];
  let isFlushPlanned = false;

  function startThread(): Thread {
    const file = import.meta.url.endsWith('.ts') ? './verify-thread.ts' : './verify-thread.js';
    const worker = new Worker(new URL(file, import.meta.url));
    const thread: Thread = { worker, batches: [] };
    worker.unref();
    worker.on('message', (verdicts: boolean[]) => {
      const done = thread.batches.shift()!;
      for (const [i, { parsed, resolve }] of done.entries()) {
        resolve(verdicts[i] === true ? null : signatureInvalid(parsed.transaction));
      }
      if (thread.batches.length === 0) worker.unref();
      hand();
    });
    worker.on('error', (cause) => {
      threads.delete(thread);
      const failed = new ChainError(
        { code: 'VERIFIER_FAILED', reason: cause.message },
        `A thread that checks signatures failed: ${cause.message}. Send the transaction again.`,
        { cause },
      );
      for (const { reject } of thread.batches.flat()) reject(failed);
      hand();
    });
    threads.add(thread);
    return thread;
  }

  function idleThread(): Thread | undefined {
    for (const thread of threads) if (thread.batches.length === 0) return thread;
    if (threads.size < limit) return startThread();
    for (const thread of threads) if (thread.batches.length < AHEAD) return thread;
    return undefined;
  }

  function hand(): void {
    while (queue.length > 0) {
      const thread = idleThread();
      if (thread === undefined) return;
      const batch = queue.splice(0, batchSize);
      const job = jobOf(batch);
      thread.batches.push(batch);
      thread.worker.ref();
      thread.worker.postMessage(job, [job.bytes.buffer as ArrayBuffer, job.ends.buffer as ArrayBuffer]);
    }
  }

  function flush(): void {
    isFlushPlanned = false;
    if (queue.length >= inlineBelow) {
      hand();
      return;
    }
    const few = queue;
    queue = [];
    for (const { tx, parsed, resolve } of few) resolve(verifySignature(crypto, tx, parsed.transaction));
  }

  return {
    verify(tx, parsed) {
      return new Promise((resolve, reject) => {
        queue.push({ tx, parsed, resolve, reject });
        if (isFlushPlanned) return;
        isFlushPlanned = true;
        queueMicrotask(flush);
      });
    },
    async close() {
      const all = [...threads];
      threads.clear();
      const closed = new ChainError(
        { code: 'VERIFIER_FAILED', reason: 'closed' },
        'The chain was closed before the signature was checked. Send the transaction again.',
      );
      for (const { reject } of [...queue, ...all.flatMap(({ batches }) => batches.flat())]) reject(closed);
      queue = [];
      await Promise.all(all.map(({ worker }) => worker.terminate()));
    },
  };
}
