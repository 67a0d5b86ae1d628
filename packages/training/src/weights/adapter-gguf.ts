import type { ModelShape, TensorShape, TensorTable } from '@cairn/protocol';
import { sizeOf } from '../compute/model/tensors.ts';
import { ggufNameOf } from './gguf-names.ts';
import { type GgufEntry, type GgufTensor, writeGguf } from './gguf-writer.ts';
import { interleaveHeads } from './layout.ts';
import { headsOf } from './model-gguf.ts';
import { malformedWeights } from './pages.ts';

export interface AdapterDescription {
  readonly name: string;
  /** What the product of the two matrices is multiplied by, times the rank. */
  readonly alpha: number;
}

/**
 * A low-rank adapter (LoRA) of a llama model as a GGUF file that llama.cpp applies to it, in pieces.
 *
 * @param tensors named as PEFT names them: `…q_proj.lora_A.weight` is [rank, in], `…q_proj.lora_B.weight` [out, rank].
 * @throws TrainingError `WEIGHTS_MALFORMED`
 */
export function writeAdapterGguf(
  model: ModelShape,
  tensors: readonly TensorShape[],
  weights: TensorTable,
  { name, alpha }: AdapterDescription,
): Generator<Uint8Array, void> {
  if (model.architecture !== 'llama') throw malformedWeights('adapters are for llama models');
  const metadata: GgufEntry[] = [
    ['general.architecture', 'text', model.architecture],
    ['general.type', 'text', 'adapter'],
    ['general.name', 'text', name],
    ['general.file_type', 'u32', 0],
    ['adapter.type', 'text', 'lora'],
    ['adapter.lora.alpha', 'f32', alpha],
  ];
  return writeGguf(
    metadata,
    tensors.map((tensor) => toFile(model, tensor, weights)),
  );
}

function toFile(model: ModelShape, { name, shape }: TensorShape, weights: TensorTable): GgufTensor {
  const [, projection, side] = /^(?:base_model\.model\.)?(.+)\.lora_([AB])\.weight$/.exec(name) ?? [];
  const values = weights.get(name);
  if (projection === undefined || shape.length !== 2 || values?.length !== sizeOf(shape))
    throw malformedWeights(`${name} is no matrix of an adapter`);
  const heads = side === 'B' ? headsOf(model, `${projection}.weight`) : null;
  const columns = shape[1] as number;
  return {
    name: `${ggufNameOf(`${projection}.weight`)}.lora_${side === 'A' ? 'a' : 'b'}`,
    shape,
    type: 'f32',
    values: () => (heads === null ? values : interleaveHeads(values, heads, columns)),
  };
}
