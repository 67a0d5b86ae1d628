import { bytesToHex } from '@cairn/core';
import type { Parsed, ParsedTransaction } from '@cairn/ledger';
import { createHeap } from '../mempool/heap.ts';

interface Offered {
  readonly tx: Uint8Array;
  readonly nonce: bigint;
  /** Tip per million bytes. */
  readonly rank: bigint;
  readonly arrival: number;
  /** The sender's next. */
  following: Offered | undefined;
}

/**
 * Transactions as a proposer wants them: the best tip per byte first, a sender's in nonce order, then in order of
 * arrival. Bytes that are no transaction are left out. Cost: n log n.
 */
export function orderOffered(parse: (tx: Uint8Array) => Parsed, txs: readonly Uint8Array[]): Uint8Array[] {
  const senders = new Map<string, Offered[]>();
  for (const [arrival, tx] of txs.entries()) {
    const read = parse(tx);
    if (!read.ok) continue;
    const { sender, offered } = offer(read.parsed, tx, arrival);
    const queue = senders.get(sender);
    if (queue === undefined) senders.set(sender, [offered]);
    else queue.push(offered);
  }
  const heads = createHeap<Offered>((a, b) => (a.rank === b.rank ? a.arrival < b.arrival : a.rank > b.rank));
  for (const queue of senders.values()) {
    queue.sort((a, b) => (a.nonce === b.nonce ? a.arrival - b.arrival : a.nonce < b.nonce ? -1 : 1));
    for (const [index, entry] of queue.entries()) entry.following = queue[index + 1];
    heads.push(queue[0]!);
  }
  const ordered: Uint8Array[] = [];
  for (let head = heads.pop(); head !== undefined; head = heads.pop()) {
    ordered.push(head.tx);
    if (head.following !== undefined) heads.push(head.following);
  }
  return ordered;
}

function offer(
  { transaction }: ParsedTransaction,
  tx: Uint8Array,
  arrival: number,
): { sender: string; offered: Offered } {
  const { sender, nonce, tip } = transaction.body;
  const rank = (tip * 1_000_000n) / BigInt(tx.length);
  return { sender: bytesToHex(sender), offered: { tx, nonce, rank, arrival, following: undefined } };
}
