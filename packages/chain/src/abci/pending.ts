import { bytesToHex } from '@cairn/core';
import { problem, type TransactionProblem } from '@cairn/ledger';
import type { CheckedTransaction } from '@cairn/protocol';

/**
 * What CometBFT's mempool holds of each sender, as far as one can tell from its checks: so that nobody fills it with
 * transactions of which only one can ever pay. A policy of this node, no rule of the ledger.
 */
export interface Pending {
  /** Null when a transaction may wait beside those of its sender. */
  admit(checked: CheckedTransaction, height: number): TransactionProblem | null;
  /** It is still there. */
  rechecked(id: string, height: number): void;
  /** It is there no more. */
  forget(id: string): void;
  /** Forgets what a block took, and now and then what CometBFT said nothing about. */
  committed(height: number, ids: readonly string[]): void;
}

/** CometBFT checks what waits after each block: what it did not check for this many blocks does not wait. */
const SILENT_BLOCKS = 3;
/** Blocks between looking through all that waits. */
const SWEEP_BLOCKS = 16;

interface Waiting {
  readonly id: string;
  readonly sender: string;
  readonly nonce: bigint;
  readonly cost: bigint;
  /** Height of the last sign of it. */
  seen: number;
}

export function createPending(): Pending {
  const byId = new Map<string, Waiting>();
  const senders = new Map<string, Map<bigint, Waiting>>();

  function forget(id: string): void {
    const entry = byId.get(id);
    if (entry === undefined) return;
    byId.delete(id);
    const queue = senders.get(entry.sender)!;
    queue.delete(entry.nonce);
    if (queue.size === 0) senders.delete(entry.sender);
  }

  function forgetSilent(sender: string, height: number): void {
    for (const { id, seen } of [...(senders.get(sender)?.values() ?? [])])
      if (seen + SILENT_BLOCKS < height) forget(id);
  }

  return {
    admit({ id, sender: account, nonce, cost, spendable }, height) {
      const sender = bytesToHex(account);
      forgetSilent(sender, height);
      const queue = senders.get(sender) ?? new Map<bigint, Waiting>();
      const same = queue.get(nonce);
      if (same !== undefined && same.id !== id) {
        return problem(
          'NONCE_TAKEN',
          `Transaction ${same.id} with nonce ${nonce} waits already and cannot be replaced. Wait until it is in a block, or use the next nonce.`,
        );
      }
      let needs = cost;
      for (const other of queue.values()) if (other.id !== id) needs += other.cost;
      if (needs > spendable) {
        return problem(
          'BALANCE_TOO_LOW',
          `The fees of this sender's waiting transactions come to ${needs} pebbles, ${spendable} can be spent. Top up or wait.`,
        );
      }
      const entry = { id, sender, nonce, cost, seen: height };
      byId.set(id, entry);
      queue.set(nonce, entry);
      senders.set(sender, queue);
      return null;
    },
    rechecked(id, height) {
      const entry = byId.get(id);
      if (entry !== undefined) entry.seen = height;
    },
    forget,
    committed(height, ids) {
      for (const id of ids) forget(id);
      if (height % SWEEP_BLOCKS === 0) for (const sender of [...senders.keys()]) forgetSilent(sender, height);
    },
  };
}
