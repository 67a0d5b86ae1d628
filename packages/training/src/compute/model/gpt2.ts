import { gelu } from '../graph/activation.ts';
import { attention, causalMask } from '../graph/attention.ts';
import { affine, linear, lookUp } from '../graph/linear.ts';
import { layerNorm } from '../graph/norm.ts';
import type { Value } from '../graph/onnx-model.ts';
import { add, reshape, scale, slice, transpose } from '../graph/shape.ts';
import type { ModelParts } from './llama.ts';
import { type BatchShape, type ModelConfig, NORM_EPSILON } from './model-config.ts';

/**
 * The logits of a GPT-2-style model.
 *
 * @param ids shape [rows · length]
 * @returns shape [rows · length, vocabulary]
 */
export function gpt2Logits(parts: ModelParts, model: ModelConfig, batch: BatchShape, ids: Value): Value {
  const { graph, tensor } = parts;
  const { rows, length } = batch;
  const { width, heads, normEpsilon = NORM_EPSILON } = model;
  const size = width / heads;
  const mask = causalMask(graph, length);

  const norm = (x: Value, name: string): Value =>
    layerNorm(graph, x, tensor(`${name}.weight`), tensor(`${name}.bias`), normEpsilon);
  const project = (x: Value, name: string): Value =>
    affine(graph, x, tensor(`${name}.weight`), tensor(`${name}.bias`));

  function attend(x: Value, layer: string): Value {
    const all = project(x, `${layer}.attn.c_attn`);
    const inHeads = (at: number): Value => {
      const part = slice(graph, all, 1, at * width, (at + 1) * width);
      return transpose(graph, reshape(graph, part, [rows, length, heads, size]), [0, 2, 1, 3]);
    };
    const query = scale(graph, inHeads(0), 1 / Math.sqrt(size));
    const mixed = attention(graph, query, inHeads(1), inHeads(2), mask);
    const joined = reshape(graph, transpose(graph, mixed, [0, 2, 1, 3]), [rows * length, width]);
    return project(joined, `${layer}.attn.c_proj`);
  }

  const feed = (x: Value, layer: string): Value =>
    project(gelu(graph, project(x, `${layer}.mlp.c_fc`)), `${layer}.mlp.c_proj`);

  const positions = slice(graph, tensor('transformer.wpe.weight'), 0, 0, length);
  const tokens = reshape(graph, lookUp(graph, tensor('transformer.wte.weight'), ids), [rows, length, width]);
  let x = reshape(graph, add(graph, tokens, positions), [rows * length, width]);
  for (let at = 0; at < model.layers; at += 1) {
    const layer = `transformer.h.${at}`;
    x = add(graph, x, attend(norm(x, `${layer}.ln_1`), layer));
    x = add(graph, x, feed(norm(x, `${layer}.ln_2`), layer));
  }
  const head = tensor(model.tied ? 'transformer.wte.weight' : 'lm_head.weight');
  return linear(graph, norm(x, 'transformer.ln_f'), head);
}
