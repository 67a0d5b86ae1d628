import { type Crypto, concatBytes } from '@cairn/core';

const LEAF = Uint8Array.of(0);
const INNER = 1;

/**
 * Root of a list by RFC 6962, as CometBFT hashes headers, validator sets and transactions.
 * The root of nothing is the hash of no bytes.
 */
export function merkleRoot(crypto: Crypto, items: readonly Uint8Array[]): Uint8Array {
  if (items.length === 0) return crypto.sha256(new Uint8Array());
  const leaves: Uint8Array[] = [];
  for (const [index, item] of items.entries()) {
    // Results are mostly one object again and again.
    const isSame = index > 0 && item === items[index - 1];
    leaves.push(isSame ? leaves[index - 1]! : crypto.sha256(concatBytes(LEAF, item)));
  }
  const pair = new Uint8Array(65);
  pair[0] = INNER;
  /** Root of the leaves from `start` up to, not including, `end`. */
  const rootOf = (start: number, end: number): Uint8Array => {
    if (end - start === 1) return leaves[start]!;
    let width = 1;
    while (width * 2 < end - start) width *= 2;
    const left = rootOf(start, start + width);
    const right = rootOf(start + width, end);
    pair.set(left, 1);
    pair.set(right, 33);
    return crypto.sha256(pair);
  };
  return rootOf(0, leaves.length);
}
