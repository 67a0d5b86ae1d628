import { type Crypto, concatBytes, u64ToBytes } from '@cairn/core';
import { MechanismError } from './errors.ts';

/** A stream of choices that depends on the seed alone. */
export interface SeededRandom {
  /** A whole number from 0 to `count` − 1, every one equally likely. `count` is at most 2^32. */
  below(count: number): number;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  /** True in `permille` of 1,000 calls on average. */
  chance(permille: number): boolean;
  pick<T>(choices: readonly T[]): T;
  /** A choice in proportion to its whole-number weight. */
  weighted<T>(choices: readonly (readonly [choice: T, weight: number])[]): T;
  /** `count` different whole numbers from `low` to `high`, ascending. */
  distinct(low: number, high: number, count: number): number[];
}

const WORD_RANGE = 0x1_0000_0000;

/**
 * SHA-256 in counter mode: block i is sha256(seed ‖ i as 8 big-endian bytes), read as big-endian 32-bit words.
 * Numbers are drawn by rejection, so no choice is favoured; the sequence is part of a mechanism's version.
 *
 * @param seed 32 bytes.
 */
export function createSeededRandom(crypto: Crypto, seed: Uint8Array): SeededRandom {
  let block: Uint8Array = new Uint8Array(0);
  let counter = 0n;
  let offset = 0;
  const nextWord = (): number => {
    if (offset === block.length) {
      block = crypto.sha256(concatBytes(seed, u64ToBytes(counter)));
      counter += 1n;
      offset = 0;
    }
    const word = new DataView(block.buffer, block.byteOffset, block.length).getUint32(offset);
    offset += 4;
    return word;
  };
  const below = (count: number): number => {
    if (!Number.isInteger(count) || count < 1 || count > WORD_RANGE) {
      throw new MechanismError(
        { code: 'BOUND_EXCEEDED', what: 'choices', has: count, most: WORD_RANGE },
        `A draw among ${count} choices is not possible. Offer between 1 and 2^32 choices.`,
      );
    }
    const limit = WORD_RANGE - (WORD_RANGE % count);
    let word = nextWord();
    while (word >= limit) word = nextWord();
    return word % count;
  };
  const between = (low: number, high: number): number => low + below(high - low + 1);
  return {
    below,
    between,
    chance: (permille) => below(1000) < permille,
    pick: <T>(choices: readonly T[]): T => choices[below(choices.length)] as T,
    weighted<T>(choices: readonly (readonly [choice: T, weight: number])[]): T {
      let left = below(choices.reduce((sum, [, weight]) => sum + weight, 0));
      for (const [choice, weight] of choices) {
        if (left < weight) return choice;
        left -= weight;
      }
      throw new MechanismError(
        { code: 'BOUND_EXCEEDED', what: 'weight', has: left, most: 0 },
        'The weights of a draw must be whole numbers above zero.',
      );
    },
    distinct(low, high, count) {
      const found = new Set<number>();
      const wanted = Math.min(count, high - low + 1);
      while (found.size < wanted) found.add(between(low, high));
      return [...found].sort((a, b) => a - b);
    },
  };
}
