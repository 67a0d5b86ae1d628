import { bytesToHex } from '@cairn/core';
import { problem, type TransactionProblem } from '@cairn/ledger';
import type { Application, CheckedTransaction, SubmitResult } from '@cairn/protocol';
import { type Entry, isBetter } from './entry.ts';
import { createHeap } from './heap.ts';
import { createSenderQueue, type SenderQueue } from './sender-queue.ts';

export interface MempoolParts {
  readonly application: Pick<Application, 'checkTx' | 'info'>;
  /** Told of each transaction that leaves without entering a block. */
  readonly onDropped?: (id: string, why: TransactionProblem) => void;
}

export interface MempoolOptions {
  /** Most transactions that wait. @default 50_000 */
  readonly maxCount?: number;
  /** Most bytes that wait. @default 67_108_864 */
  readonly maxBytes?: number;
  /** Most transactions of one sender. @default 64 */
  readonly maxPerSender?: number;
  /** Largest transaction. @default 65_536 */
  readonly maxTransactionBytes?: number;
  /** Most transactions whose check is not done yet. @default 20_000 */
  readonly maxChecking?: number;
  /** Blocks after which a transaction that found no place is dropped. @default 600 */
  readonly ttlBlocks?: number;
  /** How much more tip a replacement must offer, in percent. @default 10 */
  readonly replacementPercent?: number;
  /** Senders checked again after each block besides those in it. @default 1_000 */
  readonly recheckSenders?: number;
}

/** Checked transactions that wait for a block: each sender's in nonce order, the best tip per byte first. */
export interface Mempool {
  readonly count: number;
  readonly sizeBytes: number;
  /** Checks a transaction and keeps it in memory. A transaction that waits already is accepted again. */
  submit(tx: Uint8Array): Promise<SubmitResult>;
  /** The best transactions of at most `maxBytes`, a sender's in nonce order. They stay until committed. */
  select(maxBytes: number): Uint8Array[];
  /** Forgets what a block took, and drops what no longer passes or waited too long. */
  committed(height: number, ids: readonly string[]): Promise<void>;
  has(id: string): boolean;
}

const RANK_BYTES = 1_000_000n;

export function createMempool(parts: MempoolParts, options: MempoolOptions = {}): Mempool {
  const { application, onDropped } = parts;
  const {
    maxCount = 50_000,
    maxBytes = 67_108_864,
    maxPerSender = 64,
    maxTransactionBytes = 65_536,
  } = options;
  const { maxChecking = 20_000, ttlBlocks = 600, replacementPercent = 10, recheckSenders = 1_000 } = options;
  // Insertion order is order of arrival, so the oldest come first.
  const entries = new Map<string, Entry>();
  const senders = new Map<string, SenderQueue>();
  let tails = createHeap<{ entry: Entry; isReady: boolean }>(isWorse);
  let sizeBytes = 0;
  let arrivals = 0;
  let checking = 0;

  function isReadyTail(entry: Entry): boolean {
    const queue = senders.get(entry.sender)!;
    return queue.ready() === queue.entries.length;
  }

  /** Offers the last transaction of a sender for eviction: one that is not last would leave a gap. */
  function offerTail(queue: SenderQueue | undefined): void {
    const entry = queue?.tail;
    if (entry !== undefined) tails.push({ entry, isReady: isReadyTail(entry) });
  }

  function remove(entry: Entry): void {
    if (!entries.delete(entry.id)) return;
    const queue = senders.get(entry.sender)!;
    const wasTail = queue.tail === entry;
    queue.remove(entry);
    sizeBytes -= entry.tx.length;
    if (queue.entries.length === 0) senders.delete(entry.sender);
    else if (wasTail) offerTail(queue);
  }

  function drop(entry: Entry, why: TransactionProblem): void {
    remove(entry);
    onDropped?.(entry.id, why);
  }

  function worstTail(): Entry | undefined {
    for (;;) {
      const offer = tails.pop();
      if (offer === undefined) return undefined;
      const { entry, isReady } = offer;
      const queue = senders.get(entry.sender);
      if (entries.get(entry.id) !== entry || queue?.tail !== entry) continue;
      if (isReadyTail(entry) === isReady) return entry;
      offerTail(queue);
    }
  }

  function add(tx: Uint8Array, checked: CheckedTransaction): TransactionProblem | null {
    const sender = bytesToHex(checked.sender);
    const queue = senders.get(sender) ?? createSenderQueue(checked.nextNonce);
    queue.next = checked.nextNonce;
    const { id, nonce, tip, cost } = checked;
    const old = queue.at(nonce);
    const refused = refusal(queue, old, checked);
    if (refused !== null) return refused;
    const rank = (tip * RANK_BYTES) / BigInt(tx.length);
    const height = application.info().height;
    const entry: Entry = { tx, id, sender, nonce, tip, cost, rank, arrival: arrivals++, height };
    if (old !== undefined)
      drop(old, problem('REPLACED', `Replaced by ${id}, which has the same nonce and tips more.`));
    senders.set(sender, queue);
    queue.put(entry);
    entries.set(id, entry);
    sizeBytes += tx.length;
    offerTail(queue);
    return makeRoom(entry);
  }

  function refusal(
    queue: SenderQueue,
    old: Entry | undefined,
    { tip, cost, spendable }: CheckedTransaction,
  ): TransactionProblem | null {
    if (old !== undefined && tip * 100n < old.tip * BigInt(100 + replacementPercent) + 1n) {
      return problem(
        'REPLACEMENT_TIP_TOO_LOW',
        `A transaction with this nonce waits with a tip of ${old.tip}. Tip over ${replacementPercent} % more to replace it.`,
      );
    }
    if (old === undefined && queue.entries.length >= maxPerSender) {
      return problem(
        'SENDER_LIMIT_REACHED',
        `${queue.entries.length} transactions of this sender wait, the most there may be. Wait for a block.`,
      );
    }
    const needs = queue.cost - (old?.cost ?? 0n) + cost;
    if (needs <= spendable) return null;
    return problem(
      'BALANCE_TOO_LOW',
      `The fees of this sender's waiting transactions come to ${needs} pebbles, ${spendable} can be spent. Top up or wait.`,
    );
  }

  function makeRoom(newest: Entry): TransactionProblem | null {
    while (entries.size > maxCount || sizeBytes > maxBytes) {
      const worst = worstTail()!;
      if (worst === newest) {
        remove(newest);
        return problem(
          'MEMPOOL_FULL',
          `${entries.size} transactions wait and all tip more per byte. Tip more or try later.`,
        );
      }
      drop(
        worst,
        problem('EVICTED', 'The waiting room was full and others tip more per byte. Tip more or try later.'),
      );
    }
    if (tails.size > 4 * entries.size + 64) {
      tails = createHeap(isWorse);
      for (const queue of senders.values()) offerTail(queue);
    }
    return null;
  }

  async function submit(bytes: Uint8Array): Promise<SubmitResult> {
    if (bytes.length > maxTransactionBytes) {
      const message = `${bytes.length} bytes are more than the ${maxTransactionBytes} allowed.`;
      return { ok: false, id: null, problem: problem('TRANSACTION_TOO_LARGE', message) };
    }
    if (checking >= maxChecking) {
      const message = `${checking} transactions are being checked already. Try again in a moment.`;
      return { ok: false, id: null, problem: problem('MEMPOOL_BUSY', message) };
    }
    // Our own copy: what the caller does to its bytes later must not change what was checked.
    const tx = bytes.slice();
    checking += 1;
    try {
      const result = await application.checkTx(tx, 'new');
      if (!result.ok) return result;
      const { id } = result.checked;
      if (entries.has(id)) return { ok: true, id };
      const refused = add(tx, result.checked);
      return refused === null ? { ok: true, id } : { ok: false, id, problem: refused };
    } finally {
      checking -= 1;
    }
  }

  function select(limitBytes: number): Uint8Array[] {
    const chosen: Uint8Array[] = [];
    const heads = createHeap<{ queue: SenderQueue; place: number; entry: Entry }>((a, b) =>
      isBetter(a.entry, b.entry),
    );
    const offer = (queue: SenderQueue, place: number): void => {
      const entry = queue.entries[place];
      if (entry !== undefined && entry.nonce === queue.next + BigInt(place))
        heads.push({ queue, place, entry });
    };
    for (const queue of senders.values()) offer(queue, 0);
    let bytes = 0;
    for (let head = heads.pop(); head !== undefined; head = heads.pop()) {
      // One that does not fit holds back only its own sender.
      if (bytes + head.entry.tx.length > limitBytes) continue;
      bytes += head.entry.tx.length;
      chosen.push(head.entry.tx);
      offer(head.queue, head.place + 1);
    }
    return chosen;
  }

  async function recheck(queue: SenderQueue): Promise<void> {
    for (const entry of [...queue.entries]) {
      const result = await application.checkTx(entry.tx, 'recheck');
      if (entries.get(entry.id) !== entry) continue;
      if (result.ok) queue.next = result.checked.nextNonce;
      else drop(entry, result.problem);
    }
    offerTail(queue);
  }

  async function committed(height: number, ids: readonly string[]): Promise<void> {
    const touched = new Set<string>();
    for (const id of ids) {
      const entry = entries.get(id);
      if (entry === undefined) continue;
      touched.add(entry.sender);
      remove(entry);
    }
    for (const entry of entries.values()) {
      if (entry.height + ttlBlocks > height) break;
      drop(
        entry,
        problem(
          'WAITED_TOO_LONG',
          `It waited ${ttlBlocks} blocks without finding a place. Tip more and send it again.`,
        ),
      );
    }
    let others = recheckSenders;
    for (const [sender, queue] of [...senders]) {
      if (!touched.has(sender)) {
        if (others === 0) continue;
        others -= 1;
        // To the end of the line, so that all senders have their turn.
        senders.delete(sender);
        senders.set(sender, queue);
      }
      await recheck(queue);
    }
  }

  return {
    get count() {
      return entries.size;
    },
    get sizeBytes() {
      return sizeBytes;
    },
    submit,
    select,
    committed,
    has: (id) => entries.has(id),
  };
}

/** What is evicted first: what cannot enter a block yet, then the lowest tip per byte, then who came last. */
function isWorse(a: { entry: Entry; isReady: boolean }, b: { entry: Entry; isReady: boolean }): boolean {
  if (a.isReady !== b.isReady) return !a.isReady;
  return isBetter(b.entry, a.entry);
}
