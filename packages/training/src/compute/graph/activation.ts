import type { Graph } from './graph.ts';
import type { Value } from './onnx-model.ts';
import { elementwise } from './shape.ts';

/** `gate · sigmoid(gate) · up`, element by element. */
export function swiglu(graph: Graph, gate: Value, up: Value): Value {
  const sigmoid = graph.node('Sigmoid', [gate], gate.shape);
  const silu = elementwise(graph, 'Mul', gate, sigmoid);
  return graph.record([gate, up], elementwise(graph, 'Mul', silu, up), (gradient) => {
    // silu' = s + silu · (1 − s) = s + (silu − silu · s)
    const rest = elementwise(graph, 'Sub', silu, elementwise(graph, 'Mul', silu, sigmoid));
    const slope = elementwise(graph, 'Add', sigmoid, rest);
    const toSilu = elementwise(graph, 'Mul', gradient, up);
    return [elementwise(graph, 'Mul', toSilu, slope), elementwise(graph, 'Mul', gradient, silu)];
  });
}

/** √(2/π) and the cubic's factor of the tanh form of GELU, as GPT-2 has them. */
const ROOT_TWO_OVER_PI = 0.7978845608028654;
const CUBIC = 0.044715;

/** GELU in its tanh form (`gelu_new`): `x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³)))`. */
export function gelu(graph: Graph, x: Value): Value {
  const times = (value: Value, by: number): Value => elementwise(graph, 'Mul', value, graph.scalar(by));
  const plus = (value: Value, by: number): Value => elementwise(graph, 'Add', value, graph.scalar(by));
  const square = elementwise(graph, 'Mul', x, x);
  const inner = elementwise(graph, 'Mul', times(x, ROOT_TWO_OVER_PI), plus(times(square, CUBIC), 1));
  const tanh = graph.node('Tanh', [inner], x.shape);
  const half = times(plus(tanh, 1), 0.5);
  return graph.record([x], elementwise(graph, 'Mul', x, half), (gradient) => {
    // half + x/2 · (1 − tanh²) · √(2/π) (1 + 3 · 0.044715 x²)
    const sech = elementwise(graph, 'Sub', graph.scalar(1), elementwise(graph, 'Mul', tanh, tanh));
    const slope = times(plus(times(square, 3 * CUBIC), 1), ROOT_TWO_OVER_PI / 2);
    const bend = elementwise(graph, 'Mul', elementwise(graph, 'Mul', x, sech), slope);
    return [elementwise(graph, 'Mul', gradient, elementwise(graph, 'Add', half, bend))];
  });
}
