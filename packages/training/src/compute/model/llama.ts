import { swiglu } from '../graph/activation.ts';
import { attention, causalMask } from '../graph/attention.ts';
import type { Graph } from '../graph/graph.ts';
import { linear, lookUp } from '../graph/linear.ts';
import { rmsNorm } from '../graph/norm.ts';
import type { Value } from '../graph/onnx-model.ts';
import { rope, ropeTables } from '../graph/rope.ts';
import { add, reshape, scale, transpose } from '../graph/shape.ts';
import { type BatchShape, type ModelConfig, NORM_EPSILON, ROPE_BASE } from './model-config.ts';

/** How a model's function finds its tensors. */
export interface ModelParts {
  readonly graph: Graph;
  tensor(name: string): Value;
  /** `x` times a projection [out, in], with what an adapter adds. */
  project(x: Value, name: string): Value;
}

/**
 * The logits of a llama-style model.
 *
 * @param ids shape [rows · length]
 * @returns shape [rows · length, vocabulary]
 */
export function llamaLogits(parts: ModelParts, model: ModelConfig, batch: BatchShape, ids: Value): Value {
  const { graph, tensor } = parts;
  const { rows, length } = batch;
  const { width, heads, kvHeads, normEpsilon = NORM_EPSILON } = model;
  const size = width / heads;
  const tables = ropeTables(graph, length, size, model.ropeBase ?? ROPE_BASE);
  const mask = causalMask(graph, length);

  const inHeads = (x: Value, count: number): Value =>
    transpose(graph, reshape(graph, x, [rows, length, count, size]), [0, 2, 1, 3]);

  function attend(x: Value, layer: string): Value {
    const project = (part: string): Value => parts.project(x, `${layer}.self_attn.${part}.weight`);
    const query = rope(graph, inHeads(project('q_proj'), heads), tables);
    const key = rope(graph, inHeads(project('k_proj'), kvHeads), tables);
    const value = inHeads(project('v_proj'), kvHeads);
    // The scores' divisor goes to the queries, which are fewer numbers.
    const mixed = attention(graph, scale(graph, query, 1 / Math.sqrt(size)), key, value, mask);
    const joined = reshape(graph, transpose(graph, mixed, [0, 2, 1, 3]), [rows * length, width]);
    return parts.project(joined, `${layer}.self_attn.o_proj.weight`);
  }

  function feed(x: Value, layer: string): Value {
    const project = (from: Value, part: string): Value => parts.project(from, `${layer}.mlp.${part}.weight`);
    return project(swiglu(graph, project(x, 'gate_proj'), project(x, 'up_proj')), 'down_proj');
  }

  const norm = (x: Value, name: string): Value => rmsNorm(graph, x, tensor(`${name}.weight`), normEpsilon);
  let x = lookUp(graph, tensor('model.embed_tokens.weight'), ids);
  for (let at = 0; at < model.layers; at += 1) {
    const layer = `model.layers.${at}`;
    x = add(graph, x, attend(norm(x, `${layer}.input_layernorm`), layer));
    x = add(graph, x, feed(norm(x, `${layer}.post_attention_layernorm`), layer));
  }
  const head = tensor(model.tied ? 'model.embed_tokens.weight' : 'lm_head.weight');
  return linear(graph, norm(x, 'model.norm'), head);
}
