import type { TensorShape } from '@cairn/protocol';
import { sizeOf, type Units } from '../update/change.ts';
import {
  BLOCK_VALUES,
  type DenseTensor,
  malformed,
  type SparseTensor,
  type Update,
} from '../update/format.ts';
import { shareWeights } from './share-weights.ts';
import { CLIP_ONE, clipFactors, tensorNorm } from './tensor-norm.ts';

/** More contributors would make sums of weighted values inexact. */
export const MAX_CONTRIBUTORS = 256;

/**
 * What a round's accepted updates say together, in units of 2⁻²⁴: of each value the mean over those that sent it,
 * weighted by their steps, after each tensor of each was cut to the median length. In whole numbers and in the given
 * order, so the same on every machine: values are below 2³⁰ units, steps at most 2¹², contributors at most 2⁸, and
 * so every sum stays below 2⁵³.
 *
 * @param updates the accepted ones in roster order, decoded with one codec and this table.
 * @throws TrainingError `UPDATE_MALFORMED` when there are more than 256.
 */
export function aggregateUpdates(table: readonly TensorShape[], updates: readonly Update[]): Units {
  if (updates.length > MAX_CONTRIBUTORS) throw malformed(`${updates.length} contributors are too many`);
  const weights = shareWeights(updates.map(({ header }) => header.steps));
  const result = new Map<string, Int32Array>();
  for (const [index, shape] of table.entries()) {
    const tensors = updates.map(({ tensors }) => tensors[index]!);
    const factors = clipFactors(tensors.map(tensorNorm));
    result.set(shape.name, meanOf(sizeOf(shape), tensors, factors, weights));
  }
  return result;
}

function meanOf(
  size: number,
  tensors: readonly (SparseTensor | DenseTensor)[],
  factors: readonly number[],
  weights: readonly number[],
): Int32Array {
  const sums = new Float64Array(size);
  const contributed = new Float64Array(size);
  for (const [index, tensor] of tensors.entries()) {
    const factor = factors[index]!;
    const weight = weights[index]!;
    if (tensor.kind === 'sparse') addSparse(sums, contributed, tensor, factor, weight);
    else addDense(sums, contributed, tensor, factor, weight);
  }
  const mean = new Int32Array(size);
  for (let i = 0; i < size; i += 1)
    if (contributed[i] !== 0) mean[i] = Math.floor(sums[i]! / contributed[i]! + 0.5);
  return mean;
}

/** A value below 2³⁰ times a factor of at most 2¹⁶, rounded half up. */
function clipped(value: number, factor: number): number {
  return Math.floor((value * factor) / CLIP_ONE + 0.5);
}

function addSparse(
  sums: Float64Array,
  contributed: Float64Array,
  { positions, codes, book }: SparseTensor,
  factor: number,
  weight: number,
): void {
  const entries = Array.from(book, (entry) => clipped(entry, factor) * weight);
  for (let i = 0; i < positions.length; i += 1) {
    const position = positions[i]!;
    sums[position]! += entries[codes[i]!]!;
    contributed[position]! += weight;
  }
}

function addDense(
  sums: Float64Array,
  contributed: Float64Array,
  { scales, values, size }: DenseTensor,
  factor: number,
  weight: number,
): void {
  for (const [block, scale] of scales.entries()) {
    const end = Math.min((block + 1) * BLOCK_VALUES, size);
    for (let i = block * BLOCK_VALUES; i < end; i += 1) {
      sums[i]! += clipped(values[i]! * scale, factor) * weight;
      contributed[i]! += weight;
    }
  }
}
