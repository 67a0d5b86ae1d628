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

/** Adds one contributor's values of the block that begins at `start`. Blocks are asked for one after another. */
type AddBlock = (start: number, sums: Float64Array, contributed: Float64Array) => void;

/** Block by block, so that what is summed stays in the processor's nearest cache. */
function meanOf(
  size: number,
  tensors: readonly (SparseTensor | DenseTensor)[],
  factors: readonly number[],
  weights: readonly number[],
): Int32Array {
  const contributors = tensors.map((tensor, index) =>
    tensor.kind === 'sparse'
      ? addSparse(tensor, factors[index]!, weights[index]!)
      : addDense(tensor, factors[index]!, weights[index]!),
  );
  const sums = new Float64Array(BLOCK_VALUES);
  const contributed = new Float64Array(BLOCK_VALUES);
  const mean = new Int32Array(size);
  for (let start = 0; start < size; start += BLOCK_VALUES) {
    sums.fill(0);
    contributed.fill(0);
    for (const add of contributors) add(start, sums, contributed);
    const count = Math.min(BLOCK_VALUES, size - start);
    for (let i = 0; i < count; i += 1)
      if (contributed[i] !== 0) mean[start + i] = Math.floor(sums[i]! / contributed[i]! + 0.5);
  }
  return mean;
}

/** A value below 2³⁰ times a factor of at most 2¹⁶, rounded half up. */
function clipped(value: number, factor: number): number {
  return Math.floor((value * factor) / CLIP_ONE + 0.5);
}

function addSparse({ positions, codes, book }: SparseTensor, factor: number, weight: number): AddBlock {
  const entries = Array.from(book, (entry) => clipped(entry, factor) * weight);
  let next = 0;
  return (start, sums, contributed) => {
    const end = start + BLOCK_VALUES;
    for (; next < positions.length && positions[next]! < end; next += 1) {
      const place = positions[next]! - start;
      sums[place]! += entries[codes[next]!]!;
      contributed[place]! += weight;
    }
  };
}

function addDense({ scales, values, size }: DenseTensor, factor: number, weight: number): AddBlock {
  return (start, sums, contributed) => {
    const scale = scales[start / BLOCK_VALUES]!;
    const count = Math.min(BLOCK_VALUES, size - start);
    for (let i = 0; i < count; i += 1) {
      sums[i]! += clipped(values[start + i]! * scale, factor) * weight;
      contributed[i]! += weight;
    }
  };
}
