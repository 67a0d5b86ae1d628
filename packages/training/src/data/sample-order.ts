import { type Crypto, concatBytes, u64ToBytes, utf8ToBytes } from '@cairn/core';
import { createPermutation, type Permutation } from './permutation.ts';

/** Shards that are mixed with each other: a trainer's consecutive samples need only about so many. */
const GROUP_SHARDS = 8;
/** Passes whose order is kept ready. */
const KEPT_PASSES = 2;

/** Where a sample lies. */
export interface SamplePlace {
  readonly shard: number;
  readonly sample: number;
}

interface Group {
  readonly shards: readonly number[];
  /** Samples of the pass before this group. */
  readonly start: number;
  readonly count: number;
  readonly order: Permutation;
}

/**
 * The order in which samples are trained on, without an end: every pass holds each sample exactly once, in an order of
 * its own. Shards are shuffled, and samples within groups of eight shards, so that no one needs all the data at once.
 *
 * @param counts samples of each shard.
 */
export function createSampleOrder(
  crypto: Crypto,
  seed: Uint8Array,
  counts: readonly number[],
): { readonly total: number; at(index: number): SamplePlace } {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const passes = new Map<number, readonly Group[]>();
  const groupsOf = (pass: number): readonly Group[] => {
    const known = passes.get(pass);
    if (known !== undefined) return known;
    const key = concatBytes(utf8ToBytes('cairn/sample-order/v1'), seed, u64ToBytes(BigInt(pass)));
    const groups = makeGroups(crypto, key, counts);
    if (passes.size === KEPT_PASSES) passes.delete(passes.keys().next().value as number);
    passes.set(pass, groups);
    return groups;
  };
  return {
    total,
    at(index) {
      const pass = Math.floor(index / total);
      const place = index % total;
      const groups = groupsOf(pass);
      let low = 0;
      for (let high = groups.length; high - low > 1; ) {
        const middle = (low + high) >> 1;
        if (groups[middle]!.start <= place) low = middle;
        else high = middle;
      }
      const { shards, start, order } = groups[low]!;
      let sample = order(place - start);
      for (const shard of shards) {
        if (sample < counts[shard]!) return { shard, sample };
        sample -= counts[shard]!;
      }
      throw new RangeError('a group holds fewer samples than it counts');
    },
  };
}

function makeGroups(crypto: Crypto, key: Uint8Array, counts: readonly number[]): Group[] {
  const order = createPermutation(crypto, key, counts.length);
  const groups: Group[] = [];
  let start = 0;
  for (let first = 0; first < counts.length; first += GROUP_SHARDS) {
    const length = Math.min(GROUP_SHARDS, counts.length - first);
    const shards = Array.from({ length }, (_, index) => order(first + index)).filter(
      (shard) => counts[shard]! > 0,
    );
    const count = shards.reduce((sum, shard) => sum + counts[shard]!, 0);
    if (count === 0) continue;
    const groupKey = concatBytes(key, u64ToBytes(BigInt(groups.length)));
    groups.push({ shards, start, count, order: createPermutation(crypto, groupKey, count) });
    start += count;
  }
  return groups;
}
