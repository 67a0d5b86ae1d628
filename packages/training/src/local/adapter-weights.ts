import type { Crypto } from '@cairn/core';
import type { TensorShape, TensorTable } from '@cairn/protocol';
import { createInitialWeights } from '../weights/initial-weights.ts';

/**
 * First weights of an adapter, which changes nothing yet: A is drawn from the seed, B is zero.
 *
 * @param tensors the adapter's, as `adapterTensors` names them.
 */
export function createAdapterWeights(
  crypto: Crypto,
  seed: Uint8Array,
  tensors: readonly TensorShape[],
): TensorTable {
  const weights = createInitialWeights(crypto, seed, tensors);
  for (const [name, values] of weights) if (name.endsWith('.lora_B.weight')) values.fill(0);
  return weights;
}
