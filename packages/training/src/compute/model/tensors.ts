import type { TensorShape } from '@cairn/protocol';
import type { ModelConfig } from './model-config.ts';

/**
 * The tensors of a model, in the order of its table: Hugging Face names and layouts, so that a llama projection is
 * [out, in] and one of gpt2 (`Conv1D`) is [in, out].
 */
export function modelTensors(model: ModelConfig): TensorShape[] {
  return model.architecture === 'llama' ? llamaTensors(model) : gpt2Tensors(model);
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** How many numbers the tensors hold. */
export function countParameters(tensors: readonly TensorShape[]): number {
  return tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

function llamaTensors({ layers, width, heads, kvHeads, hidden, vocab, tied }: ModelConfig): TensorShape[] {
  const kvWidth = (width / heads) * kvHeads;
  const layer = (at: number): TensorShape[] => {
    const name = (part: string): string => `model.layers.${at}.${part}.weight`;
    return [
      { name: name('input_layernorm'), shape: [width] },
      { name: name('self_attn.q_proj'), shape: [width, width] },
      { name: name('self_attn.k_proj'), shape: [kvWidth, width] },
      { name: name('self_attn.v_proj'), shape: [kvWidth, width] },
      { name: name('self_attn.o_proj'), shape: [width, width] },
      { name: name('post_attention_layernorm'), shape: [width] },
      { name: name('mlp.gate_proj'), shape: [hidden, width] },
      { name: name('mlp.up_proj'), shape: [hidden, width] },
      { name: name('mlp.down_proj'), shape: [width, hidden] },
    ];
  };
  return [
    { name: 'model.embed_tokens.weight', shape: [vocab, width] },
    ...Array.from({ length: layers }, (_, at) => layer(at)).flat(),
    { name: 'model.norm.weight', shape: [width] },
    ...(tied ? [] : [{ name: 'lm_head.weight', shape: [vocab, width] }]),
  ];
}

function gpt2Tensors({ layers, width, hidden, vocab, context, tied }: ModelConfig): TensorShape[] {
  const norm = (name: string): TensorShape[] => [
    { name: `${name}.weight`, shape: [width] },
    { name: `${name}.bias`, shape: [width] },
  ];
  const affine = (name: string, from: number, to: number): TensorShape[] => [
    { name: `${name}.weight`, shape: [from, to] },
    { name: `${name}.bias`, shape: [to] },
  ];
  const layer = (at: number): TensorShape[] => {
    const name = `transformer.h.${at}`;
    return [
      ...norm(`${name}.ln_1`),
      ...affine(`${name}.attn.c_attn`, width, 3 * width),
      ...affine(`${name}.attn.c_proj`, width, width),
      ...norm(`${name}.ln_2`),
      ...affine(`${name}.mlp.c_fc`, width, hidden),
      ...affine(`${name}.mlp.c_proj`, hidden, width),
    ];
  };
  return [
    { name: 'transformer.wte.weight', shape: [vocab, width] },
    { name: 'transformer.wpe.weight', shape: [context, width] },
    ...Array.from({ length: layers }, (_, at) => layer(at)).flat(),
    ...norm('transformer.ln_f'),
    ...(tied ? [] : [{ name: 'lm_head.weight', shape: [vocab, width] }]),
  ];
}
