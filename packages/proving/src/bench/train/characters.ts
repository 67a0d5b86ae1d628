import type { TensorTable, TrainingBatch, TrainingEngine } from '@cairn/protocol';
import { mulberry } from '../../training/twin-learner.ts';

/** A text as numbers of its characters, the last tenth held out. */
export interface CharacterText {
  readonly vocab: number;
  readonly training: Int32Array;
  readonly validation: Int32Array;
}

/** Characters are numbered in the order of their code points, as nanoGPT's `prepare.py` does. */
export function readCharacters(text: string): CharacterText {
  const characters = [...new Set(text)].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!);
  const numbers = new Map(characters.map((character, index) => [character, index]));
  const ids = Int32Array.from(Array.from(text), (character) => numbers.get(character)!);
  const split = Math.floor(ids.length * 0.9);
  return { vocab: characters.length, training: ids.subarray(0, split), validation: ids.subarray(split) };
}

export interface BatchSize {
  readonly rows: number;
  readonly length: number;
}

/** Rows from places of the text that a seed decides. */
export function randomBatch(ids: Int32Array, seed: number, { rows, length }: BatchSize): TrainingBatch {
  const random = mulberry(seed);
  const starts = Array.from({ length: rows }, () => Math.floor(random() * (ids.length - length - 1)));
  return batchFrom(ids, starts, { rows, length });
}

function batchFrom(ids: Int32Array, starts: readonly number[], { rows, length }: BatchSize): TrainingBatch {
  const batch = {
    rows,
    length,
    ids: new Int32Array(rows * length),
    targets: new Int32Array(rows * length),
    weights: new Float32Array(rows * length),
  };
  for (const [row, start] of starts.entries()) {
    const count = Math.min(length, ids.length - 1 - start);
    batch.ids.set(ids.subarray(start, start + count), row * length);
    batch.targets.set(ids.subarray(start + 1, start + 1 + count), row * length);
    batch.weights.fill(1, row * length, row * length + count);
  }
  return batch;
}

/** Mean loss over all of a text, cut into rows that do not overlap, in nats per character. */
export async function wholeLoss(
  engine: Pick<TrainingEngine, 'loss'>,
  weights: TensorTable,
  ids: Int32Array,
  { rows, length }: BatchSize,
): Promise<number> {
  let sum = 0;
  let count = 0;
  for (let start = 0; start < ids.length - 1; start += rows * length) {
    const starts = Array.from({ length: rows }, (_, row) => start + row * length);
    const inside = starts.filter((begin) => begin < ids.length - 1);
    const batch = batchFrom(ids, inside, { rows, length });
    const targets = batch.weights.reduce((all, weight) => all + weight, 0);
    sum += (await engine.loss(weights, batch)) * targets;
    count += targets;
  }
  return sum / count;
}
