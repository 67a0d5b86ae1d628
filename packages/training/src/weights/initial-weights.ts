import { type Crypto, concatBytes, utf8ToBytes } from '@cairn/core';
import type { TensorShape, TensorTable } from '@cairn/protocol';
import { sizeOf } from '../compute/model/tensors.ts';
import { createNumbers } from './seeded-numbers.ts';

const TAG = utf8ToBytes('cairn/initial-weights/v1');
/** Standard deviation of GPT-2's first weights. */
const DEVIATION = 0.02;
/** Halves of 32 bits that are added for one number; the sum of twelve is nearly normal. */
const SUMMANDS = 12;

/**
 * First weights of a model, equal to the bit in Node and in browsers: only whole-number steps, one product and one
 * rounding make a number. Norms are one, biases zero, matrices normal with deviation 0.02; those that write back into
 * the residual stream are smaller by √(2 · layers), as in GPT-2.
 *
 * @param seed any bytes; the run's seed.
 * @param tensors the model's table of tensors.
 */
export function createInitialWeights(
  crypto: Pick<Crypto, 'sha256'>,
  seed: Uint8Array,
  tensors: readonly TensorShape[],
): TensorTable {
  const layers = new Set(tensors.flatMap(({ name }) => /\.(?:layers|h)\.(\d+)\./.exec(name)?.[1] ?? [])).size;
  return new Map(
    tensors.map(({ name, shape }) => {
      const values = new Float32Array(sizeOf(shape));
      if (shape.length === 1) {
        if (!name.endsWith('.bias')) values.fill(1);
      } else {
        const deviation = isWriter(name) ? DEVIATION / Math.sqrt(2 * Math.max(1, layers)) : DEVIATION;
        fillNormal(values, deviation, createNumbers(crypto, concatBytes(TAG, seed, utf8ToBytes(name))));
      }
      return [name, values];
    }),
  );
}

const isWriter = (name: string): boolean => /\.(?:o_proj|down_proj|c_proj)\.weight$/.test(name);

/** Sums of twelve uniform 16-bit numbers have mean 12 · 32,767.5 and variance 12 · (2³² − 1) / 12, to 1 in 2³². */
function fillNormal(values: Float32Array, deviation: number, next: () => number): void {
  const scale = deviation / 65_536;
  const mean = (SUMMANDS * 65_535) / 2;
  for (let index = 0; index < values.length; index++) {
    let sum = 0;
    for (let draw = 0; draw < SUMMANDS / 2; draw++) {
      const bits = next();
      sum += (bits & 0xffff) + (bits >>> 16);
    }
    values[index] = (sum - mean) * scale;
  }
}
