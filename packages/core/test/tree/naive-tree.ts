import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, hexToBytes } from '../../src/index.ts';

const bit = (hash: string, index: number): number =>
  (Number.parseInt(hash[index >> 2] as string, 16) >> (3 - (index & 3))) & 1;

/**
 * The root by its definition, from nothing but the contents: an empty set is zeros, one entry is its leaf,
 * anything else is split by the next bit of the key hash.
 *
 * @param entries key hash → value hash, both in hexadecimal.
 */
export function naiveRoot(
  entries: readonly (readonly [key: string, value: string])[],
  level = 0,
): Uint8Array {
  const [first, second] = entries;
  if (first === undefined) return new Uint8Array(32);
  if (second === undefined) {
    return sha256(concatBytes(Uint8Array.of(0), hexToBytes(first[0]), hexToBytes(first[1])));
  }
  const side = (wanted: number) =>
    naiveRoot(
      entries.filter(([key]) => bit(key, level) === wanted),
      level + 1,
    );
  return sha256(concatBytes(side(0), side(1)));
}
