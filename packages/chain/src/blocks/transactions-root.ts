import type { Crypto } from '@cairn/core';

/**
 * Merkle root of a block's transactions: SHA-256 of each, padded with zero hashes to a power of two,
 * hashed in pairs, then with the count so that padding cannot be mistaken for transactions.
 */
export function transactionsRoot(crypto: Crypto, txs: readonly Uint8Array[]): Uint8Array {
  let width = 1;
  while (width < txs.length) width *= 2;
  let level = new Uint8Array(32 * width);
  for (let i = 0; i < txs.length; i++) level.set(crypto.sha256(txs[i]!), 32 * i);
  while (level.length > 32) {
    const next = new Uint8Array(level.length / 2);
    crypto.hashPairs(level, next);
    level = next;
  }
  const withCount = new Uint8Array(64);
  withCount.set(level);
  new DataView(withCount.buffer).setUint32(32, txs.length, true);
  return crypto.sha256(withCount);
}
