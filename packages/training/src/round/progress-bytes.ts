import { concatBytes } from '@cairn/core';
import { MAX_INNER_STEPS, type TensorShape, type TensorTable } from '@cairn/protocol';
import { TrainingError } from '../errors.ts';
import { sizeOf } from '../update/change.ts';
import type { RoundProgress } from './train-round.ts';

const MAGIC = Uint8Array.of(0x43, 0x52, 0x50, 0x31);
const HEAD_BYTES = 20;

/**
 * A paused round as bytes, to be kept where the trainer runs: magic, round, steps done, steps of the optimiser,
 * number of leaves, losses (f64), leaves, then parameters, first and second moments (f32), all little endian.
 */
export function progressToBytes(table: readonly TensorShape[], progress: RoundProgress): Uint8Array {
  const { losses, leaves } = progress;
  const head = new Uint8Array(HEAD_BYTES + losses.length * 8);
  const view = new DataView(head.buffer);
  head.set(MAGIC);
  view.setUint32(4, progress.round, true);
  view.setUint32(8, progress.done, true);
  view.setUint32(12, progress.taken, true);
  view.setUint32(16, leaves.length, true);
  for (const [index, loss] of losses.entries()) view.setFloat64(HEAD_BYTES + index * 8, loss, true);
  const tensors = [progress.parameters, progress.firstMoments, progress.secondMoments].flatMap((state) =>
    table.map(({ name }) => bytesOf(state.get(name)!)),
  );
  return concatBytes(head, ...leaves, ...tensors);
}

/**
 * @throws TrainingError `ROUND_UNUSABLE` when the bytes are no paused round of this table.
 */
export function progressFromBytes(table: readonly TensorShape[], bytes: Uint8Array): RoundProgress {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEAD_BYTES || MAGIC.some((byte, index) => bytes[index] !== byte)) throw unusable();
  const done = view.getUint32(8, true);
  const leafCount = view.getUint32(16, true);
  const values = table.reduce((sum, shape) => sum + sizeOf(shape), 0);
  const isCountKnown = leafCount === 0 || leafCount === done + 1;
  if (done > MAX_INNER_STEPS || !isCountKnown) throw unusable();
  if (bytes.length !== HEAD_BYTES + done * 8 + leafCount * 32 + values * 12) throw unusable();
  let at = HEAD_BYTES + done * 8 + leafCount * 32;
  const readTensors = (): TensorTable =>
    new Map(
      table.map((shape) => {
        const size = sizeOf(shape);
        const tensor = new Float32Array(bytes.slice(at, at + size * 4).buffer);
        at += size * 4;
        return [shape.name, tensor];
      }),
    );
  return {
    round: view.getUint32(4, true),
    done,
    taken: view.getUint32(12, true),
    losses: Array.from({ length: done }, (_, index) => view.getFloat64(HEAD_BYTES + index * 8, true)),
    leaves: Array.from({ length: leafCount }, (_, index) => {
      const start = HEAD_BYTES + done * 8 + index * 32;
      return bytes.slice(start, start + 32);
    }),
    parameters: readTensors(),
    firstMoments: readTensors(),
    secondMoments: readTensors(),
  };
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function unusable(): TrainingError {
  return new TrainingError(
    { code: 'ROUND_UNUSABLE', reason: 'what was kept is no paused round of this model' },
    'What was kept is no paused round of this model. Delete it and start the round from its base.',
  );
}
