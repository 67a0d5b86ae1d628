/** Repeatable choices: the same seed makes the same ones on every machine. */
export interface SeededRandom {
  /** A whole number from 0 up to but not including `limit`, which is at most 2^32. */
  below(limit: number): number;
  /** A bigint from 0 up to but not including `limit`, which is at most 2^64. */
  belowBig(limit: bigint): bigint;
  pick<T>(items: readonly T[]): T;
  /** True once in `times` on average. */
  oneIn(times: number): boolean;
  bytes(length: number): Uint8Array;
}

/** xorshift64* (Vigna 2016, "An experimental exploration of Marsaglia's xorshift generators, scrambled"). */
export function createSeededRandom(seed: number): SeededRandom {
  const mask = 0xffff_ffff_ffff_ffffn;
  let state = (BigInt(seed) * 0x9e37_79b9_7f4a_7c15n + 0x2545_f491_4f6c_dd1dn) & mask || 1n;
  function next(): bigint {
    state ^= state >> 12n;
    state = (state ^ (state << 25n)) & mask;
    state ^= state >> 27n;
    return (state * 0x2545_f491_4f6c_dd1dn) & mask;
  }
  const below = (limit: number): number => Number((next() >> 32n) % BigInt(limit));
  return {
    below,
    belowBig: (limit) => (limit === 0n ? 0n : next() % limit),
    pick: (items) => items[below(items.length)]!,
    oneIn: (times) => below(times) === 0,
    bytes: (length) => Uint8Array.from({ length }, () => below(256)),
  };
}
