import type { TensorShape, TensorTable, TrainingBatch } from '@cairn/protocol';
import { TrainingError } from '../../errors.ts';
import type { BatchShape } from '../model/model-config.ts';
import { sizeOf } from '../model/tensors.ts';

/**
 * Refuses what would read past a table or divide by zero inside a graph.
 *
 * @throws TrainingError BATCH_MALFORMED
 */
export function checkBatch(batch: TrainingBatch, { rows, length }: BatchShape, vocab: number): void {
  if (batch.rows !== rows || batch.length !== length)
    malformed(`it has ${batch.rows} × ${batch.length} positions and the engine takes ${rows} × ${length}`);
  const positions = rows * length;
  for (const name of ['ids', 'targets', 'weights'] as const) {
    if (batch[name].length !== positions)
      malformed(`${name} has ${batch[name].length} entries instead of ${positions}`);
  }
  let total = 0;
  for (let at = 0; at < positions; at += 1) {
    checkToken(batch.ids[at]!, vocab);
    checkToken(batch.targets[at]!, vocab);
    const weight = batch.weights[at]!;
    if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY)) malformed(`weight ${weight} at position ${at}`);
    total += weight;
  }
  if (total === 0) malformed('all its weights are zero, so that it has no loss');
}

function checkToken(id: number, vocab: number): void {
  if (id < 0 || id >= vocab) malformed(`token ${id} is outside the vocabulary of ${vocab}`);
}

function malformed(reason: string): never {
  throw new TrainingError({ code: 'BATCH_MALFORMED', reason }, `The batch cannot be used: ${reason}.`);
}

/** @throws TrainingError TENSOR_MISMATCH when one is absent or of another size */
export function checkTensors(table: TensorTable, expected: readonly TensorShape[]): void {
  for (const { name, shape } of expected) {
    const found = table.get(name)?.length ?? 0;
    const wanted = sizeOf(shape);
    if (found !== wanted)
      throw new TrainingError(
        { code: 'TENSOR_MISMATCH', name, expected: wanted, found },
        `Tensor ${name} has ${found} numbers and the model needs ${wanted}.`,
      );
  }
}
