import type { TensorShape } from '@cairn/protocol';

export const ARCHITECTURES = ['llama', 'gpt2'] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

/** Everything that fixes the tensors of a model. */
export interface ModelShape {
  readonly architecture: Architecture;
  readonly layers: number;
  /** Length of the vectors between layers. */
  readonly width: number;
  readonly heads: number;
  /** Heads of keys and values; fewer than `heads` is grouped-query attention. Equal to `heads` in gpt2. */
  readonly kvHeads: number;
  /** Length of the vectors inside a feed-forward part. */
  readonly hidden: number;
  readonly vocab: number;
  /** Positions it is made for. */
  readonly context: number;
  /** Whether the output reads the table of token vectors instead of one of its own. */
  readonly tied: boolean;
}

/** Added to the mean square before its root, in every norm of every model. */
export const NORM_EPSILON = 1e-5;
/** Base of the angles of rotary positions (llama). */
export const ROPE_THETA = 10_000;

/**
 * The tensors of a model, in the order of its table: names and layouts of Hugging Face `LlamaForCausalLM` and
 * `GPT2LMHeadModel`. A llama projection is [out, in]; a gpt2 one is [in, out], as its `Conv1D` keeps them.
 */
export function tensorsOf(model: ModelShape): TensorShape[] {
  return model.architecture === 'llama' ? llamaTensors(model) : gpt2Tensors(model);
}

/** Number of parameters. */
export function countParameters(model: ModelShape): number {
  return tensorsOf(model).reduce((sum, { shape }) => sum + elementsOf(shape), 0);
}

/** Elements of a tensor of this shape. */
export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

function llamaTensors({ layers, width, heads, kvHeads, hidden, vocab, tied }: ModelShape): TensorShape[] {
  const keys = (width / heads) * kvHeads;
  const tensors: TensorShape[] = [{ name: 'model.embed_tokens.weight', shape: [vocab, width] }];
  for (let layer = 0; layer < layers; layer++) {
    const add = (name: string, ...shape: number[]) =>
      tensors.push({ name: `model.layers.${layer}.${name}.weight`, shape });
    add('input_layernorm', width);
    add('self_attn.q_proj', width, width);
    add('self_attn.k_proj', keys, width);
    add('self_attn.v_proj', keys, width);
    add('self_attn.o_proj', width, width);
    add('post_attention_layernorm', width);
    add('mlp.gate_proj', hidden, width);
    add('mlp.up_proj', hidden, width);
    add('mlp.down_proj', width, hidden);
  }
  tensors.push({ name: 'model.norm.weight', shape: [width] });
  if (!tied) tensors.push({ name: 'lm_head.weight', shape: [vocab, width] });
  return tensors;
}

function gpt2Tensors({ layers, width, hidden, vocab, context, tied }: ModelShape): TensorShape[] {
  const tensors: TensorShape[] = [
    { name: 'transformer.wte.weight', shape: [vocab, width] },
    { name: 'transformer.wpe.weight', shape: [context, width] },
  ];
  const addPair = (name: string, ...shape: number[]) =>
    tensors.push({ name: `${name}.weight`, shape }, { name: `${name}.bias`, shape: shape.slice(-1) });
  for (let layer = 0; layer < layers; layer++) {
    const block = `transformer.h.${layer}`;
    addPair(`${block}.ln_1`, width);
    addPair(`${block}.attn.c_attn`, width, 3 * width);
    addPair(`${block}.attn.c_proj`, width, width);
    addPair(`${block}.ln_2`, width);
    addPair(`${block}.mlp.c_fc`, width, hidden);
    addPair(`${block}.mlp.c_proj`, hidden, width);
  }
  addPair('transformer.ln_f', width);
  if (!tied) tensors.push({ name: 'lm_head.weight', shape: [vocab, width] });
  return tensors;
}
