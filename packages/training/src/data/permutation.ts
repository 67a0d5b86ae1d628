import type { Crypto } from '@cairn/core';

/** Rounds of the network; four are enough to mix, six are cheap. */
const ROUNDS = 6;

/** Puts the numbers from 0 to `count` − 1 into another order, one by one, without keeping a list. */
export type Permutation = (index: number) => number;

/**
 * A Feistel network over the smallest even number of bits that holds `count`; results outside are put through again.
 * The same key and count give the same order on every machine.
 *
 * @param count at most 2³².
 */
export function createPermutation(crypto: Crypto, key: Uint8Array, count: number): Permutation {
  let half = 1;
  while (4 ** half < count) half += 1;
  const size = 2 ** half;
  const view = new DataView(Uint8Array.from(crypto.sha256(key)).buffer);
  const keys = Array.from({ length: ROUNDS }, (_, round) => view.getUint32(4 * round));
  const once = (value: number): number => {
    let left = Math.floor(value / size);
    let right = value % size;
    for (const roundKey of keys) [left, right] = [right, (left ^ mix(right, roundKey)) & (size - 1)];
    return left * size + right;
  };
  return (index) => {
    let value = once(index);
    while (value >= count) value = once(value);
    return value;
  };
}

/** The finaliser of MurmurHash3, by Appleby (public domain). */
function mix(value: number, key: number): number {
  let mixed = (value ^ key) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return mixed ^ (mixed >>> 16);
}
