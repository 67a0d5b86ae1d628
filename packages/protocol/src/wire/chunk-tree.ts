import { type Crypto, concatBytes } from '@cairn/core';

const INNER = Uint8Array.of(1);

/**
 * The levels of a tree over leaf hashes, from the leaves up to the root alone. A node without a right neighbour moves
 * up as it is.
 */
export function treeLevels(
  crypto: Crypto,
  leaves: readonly Uint8Array[],
): readonly (readonly Uint8Array[])[] {
  const levels = [leaves];
  for (let level = leaves; level.length > 1; levels.push(level)) {
    const below = level;
    level = Array.from({ length: (below.length + 1) >> 1 }, (_, node) => {
      const [left, right] = [below[2 * node] as Uint8Array, below[2 * node + 1]];
      return right === undefined ? left : crypto.sha256(concatBytes(INNER, left, right));
    });
  }
  return levels;
}

/** Hashes beside the way from a leaf to the root, from the leaf up. */
export function pathInTree(levels: readonly (readonly Uint8Array[])[], index: number): Uint8Array[] {
  return levels.flatMap((level, depth) => level[(index >> depth) ^ 1] ?? []);
}

/** The root that a leaf and its path lead to; null when the path is not as long as it has to be. */
export function rootByPath(
  crypto: Crypto,
  leaf: Uint8Array,
  index: number,
  count: number,
  path: readonly Uint8Array[],
): Uint8Array | null {
  let node = leaf;
  let used = 0;
  for (let [at, width] = [index, count]; width > 1; at >>= 1, width = (width + 1) >> 1) {
    if ((at ^ 1) >= width) continue;
    const beside = path[used++];
    if (beside === undefined) return null;
    node = crypto.sha256(at % 2 === 0 ? concatBytes(INNER, node, beside) : concatBytes(INNER, beside, node));
  }
  return used === path.length ? node : null;
}
