import type { Graph } from './graph.ts';
import type { Value } from './onnx-model.ts';

/** Joins two shapes as ONNX broadcasts them: equal from the right, or one. */
function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, at) => {
    const left = a[a.length - rank + at] ?? 1;
    const right = b[b.length - rank + at] ?? 1;
    return Math.max(left, right);
  });
}

const isSame = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, at) => size === b[at]);

/** `operator` of two values, element by element. Not recorded. */
export function elementwise(graph: Graph, operator: string, a: Value, b: Value): Value {
  return graph.node(operator, [a, b], broadcast(a.shape, b.shape));
}

/** Sum over `axes`. Not recorded. */
export function sumOver(graph: Graph, value: Value, axes: readonly number[], keep: boolean): Value {
  const shape = keep
    ? value.shape.map((size, at) => (axes.includes(at) ? 1 : size))
    : value.shape.filter((_, at) => !axes.includes(at));
  return graph.node('ReduceSum', [value, graph.integers(axes)], shape, { keepdims: keep ? 1 : 0 });
}

/** Mean over the last axis, which stays as one. Not recorded. */
export function meanOfRows(graph: Graph, value: Value): Value {
  const last = value.shape.length - 1;
  const shape = value.shape.map((size, at) => (at === last ? 1 : size));
  return graph.node('ReduceMean', [value], shape, { axes: [last], keepdims: 1 });
}

/** The same elements in another shape. Not recorded. */
export function reshaped(graph: Graph, value: Value, shape: readonly number[]): Value {
  return isSame(value.shape, shape) ? value : graph.node('Reshape', [value, graph.integers(shape)], shape);
}

/** Sums a gradient down to the shape of a value that was broadcast. */
function sumTo(graph: Graph, value: Value, shape: readonly number[]): Value {
  if (isSame(value.shape, shape)) return value;
  const offset = value.shape.length - shape.length;
  const axes = value.shape.flatMap((size, at) =>
    at < offset || (shape[at - offset] === 1 && size !== 1) ? [at] : [],
  );
  return reshaped(graph, sumOver(graph, value, axes, true), shape);
}

export function add(graph: Graph, a: Value, b: Value): Value {
  return graph.record([a, b], elementwise(graph, 'Add', a, b), (gradient) => [
    sumTo(graph, gradient, a.shape),
    sumTo(graph, gradient, b.shape),
  ]);
}

export function scale(graph: Graph, a: Value, by: number): Value {
  const times = (value: Value): Value => elementwise(graph, 'Mul', value, graph.scalar(by));
  return graph.record([a], times(a), (gradient) => [times(gradient)]);
}

export function reshape(graph: Graph, a: Value, shape: readonly number[]): Value {
  return graph.record([a], reshaped(graph, a, shape), (gradient) => [reshaped(graph, gradient, a.shape)]);
}

export function transpose(graph: Graph, a: Value, order: readonly number[]): Value {
  const inverse = order.map((_, at) => order.indexOf(at));
  const shape = order.map((axis) => a.shape[axis]!);
  return graph.record([a], graph.node('Transpose', [a], shape, { perm: order }), (gradient) => [
    graph.node('Transpose', [gradient], a.shape, { perm: inverse }),
  ]);
}

/** The part of a value from `start` to `end` along one axis. */
export function slice(graph: Graph, a: Value, axis: number, start: number, end: number): Value {
  if (start === 0 && end === a.shape[axis]) return a;
  const shape = a.shape.map((size, at) => (at === axis ? end - start : size));
  const range = [start, end, axis].map((at) => graph.integers([at]));
  const before = a.shape.map((_, at) => (at === axis ? start : 0));
  const after = a.shape.map((size, at) => (at === axis ? size - end : 0));
  return graph.record([a], graph.node('Slice', [a, ...range], shape), (gradient) => [
    graph.node('Pad', [gradient, graph.integers([...before, ...after])], a.shape),
  ]);
}
