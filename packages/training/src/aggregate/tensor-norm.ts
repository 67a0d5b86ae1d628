import { BLOCK_VALUES, type DenseTensor, type SparseTensor } from '../update/format.ts';

/** Clip factors are whole multiples of 2⁻¹⁶. */
export const CLIP_ONE = 65_536;

/** Euclidean length of what a tensor's update says, in units, rounded down. Exact: in whole numbers throughout. */
export function tensorNorm(tensor: SparseTensor | DenseTensor): bigint {
  return squareRoot(tensor.kind === 'sparse' ? sparseSquares(tensor) : denseSquares(tensor));
}

function sparseSquares({ codes, book }: SparseTensor): bigint {
  const counts = [0, 0, 0, 0];
  for (const code of codes) counts[code]! += 1;
  return counts.reduce((sum, count, code) => sum + BigInt(count) * BigInt(book[code]!) ** 2n, 0n);
}

function denseSquares({ scales, values, size }: DenseTensor): bigint {
  let sum = 0n;
  for (const [block, scale] of scales.entries()) {
    const end = Math.min((block + 1) * BLOCK_VALUES, size);
    let squares = 0;
    for (let i = block * BLOCK_VALUES; i < end; i += 1) squares += values[i]! * values[i]!;
    sum += BigInt(squares) * BigInt(scale) ** 2n;
  }
  return sum;
}

/** Newton's method in whole numbers, from above. */
function squareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/**
 * What each contributor's values are multiplied with, so that none is longer than the (lower) median of them all.
 * In units of 2⁻¹⁶, rounded down.
 */
export function clipFactors(norms: readonly bigint[]): number[] {
  const sorted = norms.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const median = sorted[(sorted.length - 1) >> 1] ?? 0n;
  return norms.map((norm) => (norm <= median ? CLIP_ONE : Number((median * BigInt(CLIP_ONE)) / norm)));
}
