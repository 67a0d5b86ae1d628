import type { Crypto } from '@cairn/core';
import { merkleRoot } from './merkle.ts';
import { createProtoWriter } from './proto-writer.ts';

/** Root of a block's transactions, as its header names it. @see CometBFT v0.38 types/tx.go, Txs.Hash */
export function transactionsHash(crypto: Crypto, txs: readonly Uint8Array[]): Uint8Array {
  return merkleRoot(
    crypto,
    txs.map((tx) => crypto.sha256(tx)),
  );
}

/** What nodes have to agree on of a transaction that was executed. */
export interface ConsensusResult {
  readonly ok: boolean;
  /** Decimal text or pebbles: zero when it had no place in the block. */
  readonly fee: bigint | string;
}

/** 0 done, 1 refused and paid for, 2 it had no place in the block. */
export function resultCode({ ok, fee }: ConsensusResult): 0 | 1 | 2 {
  if (ok) return 0;
  return BigInt(fee) > 0n ? 1 : 2;
}

/** Each code as CometBFT writes a result that has it. */
const RESULTS = ([0n, 1n, 2n] as const).map((code) => createProtoWriter().varint(1, code).finish()) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];

/**
 * Root of the results of a block, as the next header names it: of each its code; data and gas are empty here.
 *
 * @see CometBFT v0.38 types/results.go, ABCIResults.Hash
 */
export function resultsHash(crypto: Crypto, results: readonly ConsensusResult[]): Uint8Array {
  return merkleRoot(
    crypto,
    results.map((result) => RESULTS[resultCode(result)]),
  );
}
