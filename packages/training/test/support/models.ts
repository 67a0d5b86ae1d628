import type { TensorShape, TrainingBatch } from '@cairn/protocol';
import type { ModelConfig } from '@cairn/training';

/** A llama-style model whose heads share keys and values. */
export const TINY_LLAMA: ModelConfig = {
  ...{ architecture: 'llama', layers: 2, width: 16, heads: 4, kvHeads: 2 },
  ...{ hidden: 24, vocab: 23, context: 8, tied: true },
};

export const TINY_GPT2: ModelConfig = {
  ...{ architecture: 'gpt2', layers: 2, width: 16, heads: 2, kvHeads: 2 },
  ...{ hidden: 32, vocab: 23, context: 12, tied: true },
};

/** Numbers in [0, 1) from a linear congruence: the same for a seed on every machine, and easy to make in Python. */
export function aSequence(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Parameters far enough from their usual start that every gradient is well above rounding. */
export function someTensors(
  tensors: readonly TensorShape[],
  seed: number,
  spread = 0.5,
): Map<string, Float32Array> {
  const next = aSequence(seed);
  return new Map(
    tensors.map(({ name, shape }) => {
      const isNorm = shape.length === 1 && name.endsWith('.weight');
      const length = shape.reduce((product, size) => product * size, 1);
      const values = Float32Array.from({ length }, () => (next() - 0.5) * spread + (isNorm ? 1 : 0));
      return [name, values];
    }),
  );
}

/** A batch of random tokens; every third position of a weighted one counts half, every fifth not at all. */
export function someBatch(
  { rows, length, vocab }: { rows: number; length: number; vocab: number },
  { seed = 3, weighted = false } = {},
): TrainingBatch {
  const next = aSequence(seed);
  const positions = rows * length;
  const token = (): number => Math.floor(next() * vocab);
  return {
    ...{ rows, length },
    ids: Int32Array.from({ length: positions }, token),
    targets: Int32Array.from({ length: positions }, token),
    weights: Float32Array.from({ length: positions }, (_, at) =>
      !weighted ? 1 : at % 5 === 4 ? 0 : at % 3 === 2 ? 0.5 : 1,
    ),
  };
}

/** The length of the difference over the length of the second. */
export function relativeDifference(a: Float32Array, b: Float32Array): number {
  let [difference, whole] = [0, 0];
  for (let at = 0; at < b.length; at += 1) {
    difference += (a[at]! - b[at]!) ** 2;
    whole += b[at]! ** 2;
  }
  return Math.sqrt(difference / whole);
}
