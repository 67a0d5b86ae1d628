import type { Graph } from './graph.ts';
import type { Value } from './onnx-model.ts';
import { elementwise, reshaped, sumOver } from './shape.ts';

function multiply(graph: Graph, a: Value, b: Value): Value {
  return graph.node('MatMul', [a, b], [...a.shape.slice(0, -1), b.shape.at(-1)!]);
}

function flip(graph: Graph, a: Value): Value {
  const order = a.shape.map((_, at) => at);
  const rank = order.length;
  [order[rank - 2], order[rank - 1]] = [rank - 1, rank - 2];
  const shape = order.map((axis) => a.shape[axis]!);
  return graph.node('Transpose', [a], shape, { perm: order });
}

/** Zero where a position may look, -1e9 where it would look ahead. Shape [length, length]. */
export function causalMask(graph: Graph, length: number): Value {
  const positions = graph.integers(Array.from({ length }, (_, at) => at));
  const rows = reshaped(graph, positions, [length, 1]);
  const ahead = graph.node('Less', [rows, positions], [length, length], {}, 'bool');
  const ones = graph.node('Cast', [ahead], [length, length], { to: 1 }, 'float32');
  return elementwise(graph, 'Mul', ones, graph.scalar(-1e9));
}

/**
 * Scaled dot-product attention. Heads that share keys and values are rows of one product, so nothing is repeated.
 *
 * @param query shape [rows, heads, length, size], already divided by √size
 * @param key shape [rows, kvHeads, length, size]
 * @param value shape [rows, kvHeads, length, size]
 * @param mask shape [length, length], added to the scores
 * @returns shape [rows, heads, length, size]
 */
export function attention(graph: Graph, query: Value, key: Value, value: Value, mask: Value): Value {
  const [rows, heads, length, size] = query.shape as [number, number, number, number];
  const kvHeads = key.shape[1]!;
  const group = heads / kvHeads;
  const stacked = [rows, kvHeads, group * length, size];
  const square = [rows, kvHeads, group * length, length];
  const apart = [rows, kvHeads, group, length, length];
  const stackedQuery = reshaped(graph, query, stacked);
  const scores = multiply(graph, stackedQuery, flip(graph, key));
  const masked = elementwise(graph, 'Add', group === 1 ? scores : reshaped(graph, scores, apart), mask);
  const weights = reshaped(graph, graph.node('Softmax', [masked], masked.shape, { axis: -1 }), square);
  const stackedOutput = multiply(graph, weights, value);
  const output = reshaped(graph, stackedOutput, query.shape);
  return graph.record([query, key, value], output, (gradient) => {
    const stackedGradient = reshaped(graph, gradient, stacked);
    const toWeights = multiply(graph, stackedGradient, flip(graph, value));
    // Rows of weights · toWeights sum to rows of output · gradient, which are shorter.
    const along = sumOver(graph, elementwise(graph, 'Mul', stackedOutput, stackedGradient), [3], true);
    const toScores = elementwise(graph, 'Mul', weights, elementwise(graph, 'Sub', toWeights, along));
    return [
      reshaped(graph, multiply(graph, toScores, key), query.shape),
      multiply(graph, flip(graph, toScores), stackedQuery),
      multiply(graph, flip(graph, weights), stackedGradient),
    ];
  });
}
