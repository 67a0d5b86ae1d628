import type { TrainingBatch } from '@cairn/protocol';
import type { RoundSampler } from '@cairn/training';
import { mulberry } from './twin-learner.ts';

const CHOICES = 3;

/** Text of a made-up language: a token, and whether the one before was odd, is followed by one of three, mostly the first. */
export function twinText(seed: number, length: number, vocab = 32): Uint8Array {
  const grammar = mulberry(7);
  const next = Uint8Array.from({ length: 2 * vocab * CHOICES }, () => Math.floor(grammar() * vocab));
  const random = mulberry(seed);
  const text = new Uint8Array(length);
  let [before, now] = [0, 1];
  for (let i = 0; i < length; i += 1) {
    const chance = random();
    const choice = chance < 0.7 ? 0 : chance < 0.9 ? 1 : 2;
    [before, now] = [now, next[((before & 1) * vocab + now) * CHOICES + choice]!];
    text[i] = now;
  }
  return text;
}

/** Rows from places in a text that a seed decides. */
export function batchAt(text: Uint8Array, seed: number, rows = 8, length = 16): TrainingBatch {
  const random = mulberry(seed);
  const ids = new Int32Array(rows * length);
  const targets = new Int32Array(rows * length);
  for (let row = 0; row < rows; row += 1) {
    const start = Math.floor(random() * (text.length - length - 1));
    for (let i = 0; i < length; i += 1) {
      ids[row * length + i] = text[start + i]!;
      targets[row * length + i] = text[start + i + 1]!;
    }
  }
  return { rows, length, ids, targets, weights: new Float32Array(rows * length).fill(1) };
}

/** The data of one trainer in one round. */
export function samplerOf(text: Uint8Array, trainer: number, round: number): RoundSampler {
  return { batch: (step) => batchAt(text, 1_000_003 * (trainer + 1) + 4_099 * round + step) };
}
