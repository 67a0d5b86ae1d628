import type { Crypto } from '@cairn/core';
import type { Genesis } from '@cairn/ledger';
import { type BenchSender, createTransferSigner } from '../transfers.ts';

/** A transaction on its way, as CometBFT's RPC takes it. */
export interface Outgoing {
  /** Base64. */
  readonly tx: string;
  /** It is in a block. */
  done(): void;
  /** It was refused at once and may be sent again. */
  refused(): void;
}

/** Gives transactions that can be sent now; null when all that may wait are on their way. */
export interface TransactionSource {
  next(): Outgoing | null;
  /** Called when none is on its way any more: what was not sent is forgotten. */
  end(): void;
}

/**
 * Transfers signed beforehand. Each sender has one on its way, so that none waits for a nonce before it.
 *
 * @param each transfers of each sender.
 */
export function signedTransfers(
  crypto: Crypto,
  genesis: Genesis,
  senders: readonly BenchSender[],
  each: number,
): TransactionSource {
  const sign = createTransferSigner(crypto, genesis);
  const before = senders.map(({ nonce }) => nonce);
  const signed = senders.map((sender, at) =>
    Array.from({ length: each }, () => {
      const to = senders[(at + 1) % senders.length]!.account;
      return Buffer.from(sign(sender, { to, amount: 1_000n })).toString('base64');
    }),
  );
  const used = senders.map(() => 0);
  // Who was free last sends next: as many keys are in use as transfers are on their way.
  const free = senders.map((_, at) => at);
  return {
    next() {
      let at = free.pop();
      while (at !== undefined && used[at]! >= each) at = free.pop();
      if (at === undefined) return null;
      const sender = at;
      return {
        tx: signed[sender]![used[sender]!]!,
        done() {
          used[sender]! += 1;
          free.push(sender);
        },
        refused: () => void free.push(sender),
      };
    },
    end() {
      for (const [at, sender] of senders.entries()) sender.nonce = before[at]! + BigInt(used[at]!);
    },
  };
}

/**
 * What kvstore takes: a name and a value, of as many bytes as a transfer.
 *
 * @param most on their way at once.
 */
export function keyValues(sizeBytes: number, most: number, name: string): TransactionSource {
  let count = 0;
  let onTheirWay = 0;
  return {
    next() {
      if (onTheirWay === most) return null;
      onTheirWay += 1;
      const text = `${name}${String(count++).padStart(12, '0')}=`.padEnd(sizeBytes, 'v');
      const back = (): void => {
        onTheirWay -= 1;
      };
      return { tx: Buffer.from(text).toString('base64'), done: back, refused: back };
    },
    end: () => undefined,
  };
}
