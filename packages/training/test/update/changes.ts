import type { TensorShape } from '@cairn/protocol';

/** A small table with a long tensor, a short one, one of a block and a bit, and a vector. */
export const TABLE: readonly TensorShape[] = [
  { name: 'a', shape: [64, 128] },
  { name: 'b', shape: [5, 7] },
  { name: 'c', shape: [4_099] },
  { name: 'd', shape: [300] },
];

/** Repeatable numbers from -1 to 1, crowded around zero. */
export function noise(seed: number): () => number {
  let state = seed >>> 0 || 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 31 - 1;
  };
  return () => next() ** 3;
}

export function aChange(
  seed: number,
  table: readonly TensorShape[] = TABLE,
  size = 200_000,
): Map<string, Int32Array> {
  const random = noise(seed);
  return new Map(
    table.map(({ name, shape }) => [
      name,
      Int32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => Math.round(random() * size)),
    ]),
  );
}

export const HEADER = {
  run: new Uint8Array(32).fill(7),
  round: 12,
  base: new Uint8Array(32).fill(9),
  steps: 30,
} as const;
