import type { Graph } from './graph.ts';
import type { Value } from './onnx-model.ts';
import { elementwise, reshaped, sumOver } from './shape.ts';

/**
 * Weighted mean of the cross-entropy of each position: Σ weightᵢ · −ln p(targetᵢ) / Σ weightᵢ, in nats.
 *
 * @param logits shape [n, vocabulary]
 * @param targets shape [n], whole numbers
 * @param weights shape [n]; their sum must not be zero
 * @returns shape [1]
 */
export function crossEntropy(graph: Graph, logits: Value, targets: Value, weights: Value): Value {
  const [positions] = logits.shape as [number, number];
  const column = [positions, 1];
  const logs = graph.node('LogSoftmax', [logits], logits.shape, { axis: 1 });
  const indices = reshaped(graph, targets, column);
  const chosen = graph.node('GatherElements', [logs, indices], column, { axis: 1 });
  const share = reshaped(
    graph,
    elementwise(graph, 'Div', weights, sumOver(graph, weights, [0], true)),
    column,
  );
  const total = sumOver(graph, elementwise(graph, 'Mul', chosen, share), [0, 1], false);
  const loss = reshaped(graph, graph.node('Neg', [total], []), [1]);
  return graph.record([logits], loss, (gradient) => {
    const scale = elementwise(graph, 'Mul', share, gradient);
    const spread = elementwise(graph, 'Mul', graph.node('Exp', [logs], logits.shape), scale);
    const pull = graph.node('Neg', [scale], column);
    return [
      graph.node('ScatterElements', [spread, indices, pull], logits.shape, { axis: 1, reduction: 'add' }),
    ];
  });
}
