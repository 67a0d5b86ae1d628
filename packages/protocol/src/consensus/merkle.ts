import { type Crypto, concatBytes } from '@cairn/core';

const LEAF = Uint8Array.of(0);
const INNER = Uint8Array.of(1);

/**
 * Root of a list by RFC 6962, as CometBFT hashes headers, validator sets and transactions.
 * The root of nothing is the hash of no bytes.
 */
export function merkleRoot(crypto: Crypto, items: readonly Uint8Array[]): Uint8Array {
  if (items.length === 0) return crypto.sha256(new Uint8Array());
  if (items.length === 1) return crypto.sha256(concatBytes(LEAF, items[0]!));
  let split = 1;
  while (split * 2 < items.length) split *= 2;
  const left = merkleRoot(crypto, items.slice(0, split));
  const right = merkleRoot(crypto, items.slice(split));
  return crypto.sha256(concatBytes(INNER, left, right));
}
