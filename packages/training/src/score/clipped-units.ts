import type { TensorShape } from '@cairn/protocol';
import { CLIP_ONE, clipFactors, tensorNorm } from '../aggregate/tensor-norm.ts';
import { sizeOf, type Units } from '../update/change.ts';
import { BLOCK_VALUES, type Update } from '../update/format.ts';

/**
 * What each update of a round says alone, each tensor cut to the median length of the round, in units of 2⁻²⁴.
 * One after another, so that a round of many needs no memory for all.
 */
export function* clippedUnits(table: readonly TensorShape[], updates: readonly Update[]): Generator<Units> {
  const factors = table.map((_, index) =>
    clipFactors(updates.map(({ tensors }) => tensorNorm(tensors[index]!))),
  );
  for (const [who, update] of updates.entries()) {
    const units = new Map<string, Int32Array>();
    for (const [index, shape] of table.entries()) {
      const tensor = update.tensors[index]!;
      const factor = factors[index]![who]! / CLIP_ONE;
      const values = new Int32Array(sizeOf(shape));
      if (tensor.kind === 'sparse') {
        const entries = Array.from(tensor.book, (entry) => Math.floor(entry * factor + 0.5));
        for (const [at, position] of tensor.positions.entries())
          values[position] = entries[tensor.codes[at]!]!;
      } else
        for (let i = 0; i < values.length; i += 1) {
          const scale = tensor.scales[Math.floor(i / BLOCK_VALUES)]!;
          values[i] = Math.floor(tensor.values[i]! * scale * factor + 0.5);
        }
      units.set(shape.name, values);
    }
    yield units;
  }
}
