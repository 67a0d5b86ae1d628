import type { ModelShape, TensorTable } from '@cairn/protocol';
import { NORM_EPSILON, ROPE_BASE } from '../../src/compute/model/model-config.ts';
import { fromHalf, toHalf } from '../../src/weights/half.ts';

type Vector = Float64Array<ArrayBuffer>;

/** A low-rank addition to the projections of a model, by the name of the projection. */
export type Additions = (name: string) => { a: Float32Array; b: Float32Array; scale: number } | null;

/**
 * Logits after the last token, in double precision and plain loops, from weights as Hugging Face keeps them. Slow and
 * written only to be compared with.
 */
export function forward(
  model: ModelShape,
  weights: TensorTable,
  ids: readonly number[],
  additions: Additions = () => null,
  activation: (x: number) => number = gelu,
): Vector {
  const { width, vocab } = model;
  const isLlama = model.architecture === 'llama';
  const embedding = weights.get(isLlama ? 'model.embed_tokens.weight' : 'transformer.wte.weight')!;
  let states = ids.map((id, position) => {
    const state = Float64Array.from(embedding.subarray(id * width, (id + 1) * width));
    if (isLlama) return state;
    const places = weights.get('transformer.wpe.weight')!;
    return state.map((value, i) => value + places[position * width + i]!);
  });
  for (let layer = 0; layer < model.layers; layer++) {
    states = isLlama
      ? llamaLayer(model, weights, layer, states, additions)
      : gpt2Layer(model, weights, layer, states, activation);
  }
  const last = states.at(-1)!;
  const normed = isLlama
    ? rmsNorm(last, weights.get('model.norm.weight')!)
    : layerNorm(last, weights, 'transformer.ln_f');
  return multiply(model.tied ? embedding : weights.get('lm_head.weight')!, vocab, normed);
}

function llamaLayer(
  model: ModelShape,
  weights: TensorTable,
  layer: number,
  states: Vector[],
  additions: Additions,
): Vector[] {
  const { width, heads, kvHeads, hidden } = model;
  const size = width / heads;
  const nameOf = (part: string) => `model.layers.${layer}.${part}.weight`;
  const project = (part: string, rows: number, x: Vector) => {
    const y = multiply(weights.get(nameOf(part))!, rows, x);
    const added = additions(nameOf(part));
    if (added === null) return y;
    const inner = multiply(added.a, added.a.length / x.length, x);
    return add(
      y,
      multiply(added.b, rows, inner).map((value) => value * added.scale),
    );
  };
  const normed = states.map((x) => rmsNorm(x, weights.get(nameOf('input_layernorm'))!));
  const queries = normed.map((x, at) => rotate(project('self_attn.q_proj', width, x), size, at));
  const keys = normed.map((x, at) => rotate(project('self_attn.k_proj', kvHeads * size, x), size, at));
  const values = normed.map((x) => project('self_attn.v_proj', kvHeads * size, x));
  return states.map((x, at) => {
    const mixed = attend(model, queries[at]!, keys.slice(0, at + 1), values);
    const middle = add(x, project('self_attn.o_proj', width, mixed));
    const inner = rmsNorm(middle, weights.get(nameOf('post_attention_layernorm'))!);
    const up = project('mlp.up_proj', hidden, inner);
    const gated = project('mlp.gate_proj', hidden, inner).map((g, i) => (g / (1 + Math.exp(-g))) * up[i]!);
    return add(middle, project('mlp.down_proj', width, gated));
  });
}

function gpt2Layer(
  model: ModelShape,
  weights: TensorTable,
  layer: number,
  states: Vector[],
  activation: (x: number) => number,
): Vector[] {
  const { width } = model;
  const block = `transformer.h.${layer}`;
  const affine = (part: string, x: Vector) => {
    const bias = weights.get(`${block}.${part}.bias`)!;
    const matrix = weights.get(`${block}.${part}.weight`)!;
    return Float64Array.from(bias, (offset, column) =>
      x.reduce((sum, value, row) => sum + value * matrix[row * bias.length + column]!, offset),
    );
  };
  const all = states.map((x) => affine('attn.c_attn', layerNorm(x, weights, `${block}.ln_1`)));
  const keys = all.map((x) => x.slice(width, 2 * width));
  const values = all.map((x) => x.slice(2 * width));
  return states.map((x, at) => {
    const mixed = attend(model, all[at]!.slice(0, width), keys.slice(0, at + 1), values);
    const middle = add(x, affine('attn.c_proj', mixed));
    const inner = affine('mlp.c_fc', layerNorm(middle, weights, `${block}.ln_2`)).map(activation);
    return add(middle, affine('mlp.c_proj', inner));
  });
}

function attend(
  { width, heads, kvHeads }: ModelShape,
  query: Vector,
  keys: Vector[],
  values: Vector[],
): Vector {
  const size = width / heads;
  const mixed = new Float64Array(width);
  for (let head = 0; head < heads; head++) {
    const shared = Math.floor(head / (heads / kvHeads)) * size;
    const scores = keys.map((key) => {
      let sum = 0;
      for (let i = 0; i < size; i++) sum += query[head * size + i]! * key[shared + i]!;
      return sum / Math.sqrt(size);
    });
    const largest = Math.max(...scores);
    const exps = scores.map((score) => Math.exp(score - largest));
    const total = exps.reduce((sum, value) => sum + value, 0);
    for (const [at, exp] of exps.entries())
      for (let i = 0; i < size; i++) mixed[head * size + i]! += (exp / total) * values[at]![shared + i]!;
  }
  return mixed;
}

function rotate(x: Vector, size: number, position: number): Vector {
  const turned = x.slice();
  for (let head = 0; head < x.length; head += size) {
    for (let i = 0; i < size / 2; i++) {
      const angle = position * ROPE_BASE ** ((-2 * i) / size);
      const [a, b] = [x[head + i]!, x[head + i + size / 2]!];
      turned[head + i] = a * Math.cos(angle) - b * Math.sin(angle);
      turned[head + i + size / 2] = b * Math.cos(angle) + a * Math.sin(angle);
    }
  }
  return turned;
}

function rmsNorm(x: Vector, scale: Float32Array): Vector {
  const mean = x.reduce((sum, value) => sum + value * value, 0) / x.length;
  return x.map((value, i) => (value / Math.sqrt(mean + NORM_EPSILON)) * scale[i]!);
}

function layerNorm(x: Vector, weights: TensorTable, name: string): Vector {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
  const [scale, bias] = [weights.get(`${name}.weight`)!, weights.get(`${name}.bias`)!];
  return x.map((value, i) => ((value - mean) / Math.sqrt(variance + NORM_EPSILON)) * scale[i]! + bias[i]!);
}

/** GPT-2's own form, with tanh. */
const gelu = (x: number): number =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

/** As llama.cpp has it on a processor: between −10 and 10 looked up in a table whose numbers are halves, both ways. */
export function tabulatedGelu(x: number): number {
  if (x <= -10) return 0;
  return x >= 10 ? x : fromHalf(toHalf(gelu(fromHalf(toHalf(x)))));
}

const add = (a: Vector, b: Vector): Vector => a.map((value, i) => value + b[i]!);

function multiply(matrix: Float32Array, rows: number, x: Vector): Vector {
  return Float64Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum += matrix[row * x.length + i]! * x[i]!;
    return sum;
  });
}
