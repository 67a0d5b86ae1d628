import type { Graph } from './graph.ts';
import type { Value } from './onnx-model.ts';
import { elementwise, meanOfRows, sumOver } from './shape.ts';

/** One over the root of the mean square of each row. */
function inverseRoot(graph: Graph, meanSquare: Value, epsilon: number): Value {
  const shifted = elementwise(graph, 'Add', meanSquare, graph.scalar(epsilon));
  return graph.node('Reciprocal', [graph.node('Sqrt', [shifted], shifted.shape)], shifted.shape);
}

/**
 * `x / rms(x) · weight` of each row.
 *
 * @param x shape [n, width]
 * @param weight shape [width]
 */
export function rmsNorm(graph: Graph, x: Value, weight: Value, epsilon: number): Value {
  const inverse = inverseRoot(graph, meanOfRows(graph, elementwise(graph, 'Mul', x, x)), epsilon);
  const unit = elementwise(graph, 'Mul', x, inverse);
  return graph.record([x, weight], elementwise(graph, 'Mul', unit, weight), (gradient) => {
    const scaled = elementwise(graph, 'Mul', gradient, weight);
    const along = meanOfRows(graph, elementwise(graph, 'Mul', scaled, unit));
    const across = elementwise(graph, 'Sub', scaled, elementwise(graph, 'Mul', unit, along));
    return [
      elementwise(graph, 'Mul', across, inverse),
      sumOver(graph, elementwise(graph, 'Mul', gradient, unit), [0], false),
    ];
  });
}

/**
 * `(x − mean) / deviation · weight + bias` of each row.
 *
 * @param x shape [n, width]
 * @param weight shape [width]
 * @param bias shape [width]
 */
export function layerNorm(graph: Graph, x: Value, weight: Value, bias: Value, epsilon: number): Value {
  const centred = elementwise(graph, 'Sub', x, meanOfRows(graph, x));
  const variance = meanOfRows(graph, elementwise(graph, 'Mul', centred, centred));
  const inverse = inverseRoot(graph, variance, epsilon);
  const unit = elementwise(graph, 'Mul', centred, inverse);
  const output = elementwise(graph, 'Add', elementwise(graph, 'Mul', unit, weight), bias);
  return graph.record([x, weight, bias], output, (gradient) => {
    const scaled = elementwise(graph, 'Mul', gradient, weight);
    const along = meanOfRows(graph, elementwise(graph, 'Mul', scaled, unit));
    const level = elementwise(graph, 'Sub', scaled, meanOfRows(graph, scaled));
    const across = elementwise(graph, 'Sub', level, elementwise(graph, 'Mul', unit, along));
    return [
      elementwise(graph, 'Mul', across, inverse),
      sumOver(graph, elementwise(graph, 'Mul', gradient, unit), [0], false),
      sumOver(graph, gradient, [0], false),
    ];
  });
}
