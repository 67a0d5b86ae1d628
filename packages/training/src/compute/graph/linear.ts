import type { Graph } from './graph.ts';
import type { Value } from './onnx-model.ts';
import { sumOver } from './shape.ts';

function gemm(
  graph: Graph,
  a: Value,
  b: Value,
  transposes: readonly [boolean, boolean],
  bias?: Value,
): Value {
  const [transA, transB] = transposes;
  const shape = [a.shape[transA ? 1 : 0]!, b.shape[transB ? 0 : 1]!];
  const attributes = { transA: transA ? 1 : 0, transB: transB ? 1 : 0 };
  return graph.node('Gemm', bias ? [a, b, bias] : [a, b], shape, attributes);
}

/**
 * `x · Wᵀ (+ bias)`: a projection as Hugging Face keeps it.
 *
 * @param x shape [n, in]
 * @param weight shape [out, in]
 * @returns shape [n, out]
 */
export function linear(graph: Graph, x: Value, weight: Value): Value {
  return graph.record([x, weight], gemm(graph, x, weight, [false, true]), (gradient) => [
    gemm(graph, gradient, weight, [false, false]),
    gemm(graph, gradient, x, [true, false]),
  ]);
}

/**
 * `x · W + bias`: GPT-2's `Conv1D`, whose weight Hugging Face keeps as [in, out].
 *
 * @param x shape [n, in]
 * @param weight shape [in, out]
 * @param bias shape [out]
 * @returns shape [n, out]
 */
export function affine(graph: Graph, x: Value, weight: Value, bias: Value): Value {
  return graph.record([x, weight, bias], gemm(graph, x, weight, [false, false], bias), (gradient) => [
    gemm(graph, gradient, weight, [false, true]),
    gemm(graph, x, gradient, [true, false]),
    sumOver(graph, gradient, [0], false),
  ]);
}

/**
 * Rows of a table. The gradient is scattered onto what reached the table so far, in the order of the positions.
 *
 * @param table shape [rows, width]
 * @param ids shape [n]
 * @returns shape [n, width]
 */
export function lookUp(graph: Graph, table: Value, ids: Value): Value {
  const [positions, width] = [ids.shape[0]!, table.shape[1]!];
  const rows = graph.node('Gather', [table, ids], [positions, width], { axis: 0 });
  return graph.record([table], rows, (gradient) => [
    (soFar) => {
      const column = graph.node('Reshape', [ids, graph.integers([positions, 1])], [positions, 1]);
      const shape = [positions, width];
      const indices = graph.node('Expand', [column, graph.integers(shape)], shape);
      const start =
        soFar ?? graph.node('Expand', [graph.scalar(0), graph.integers(table.shape)], table.shape);
      return graph.node('ScatterElements', [start, indices, gradient], table.shape, {
        axis: 0,
        reduction: 'add',
      });
    },
  ]);
}
