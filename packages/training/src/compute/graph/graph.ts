import {
  type Attribute,
  type Constant,
  type ElementType,
  encodeOnnxModel,
  type GraphNode,
  type OnnxModel,
  type Value,
} from './onnx-model.ts';

/** A gradient that reached a value, or a function that adds itself to what reached the value so far. */
export type Contribution = Value | ((soFar: Value | null) => Value);

/** From the gradient of an output to those of the inputs. Made of graph nodes itself; null where none flows. */
export type Backward = (gradient: Value) => readonly (Contribution | null)[];

/** A graph of plain ONNX operators with a tape for reverse-mode differentiation. */
export interface Graph {
  input(name: string, shape: readonly number[], type?: ElementType): Value;
  constant(data: Float32Array, shape: readonly number[]): Value;
  /** A constant without dimensions. Equal numbers share one. */
  scalar(value: number): Value;
  /** A constant list of integers, as axes and shapes are handed over. Equal lists share one. */
  integers(values: readonly number[]): Value;
  /** One operator. Its type is that of the first input unless named. */
  node(
    operator: string,
    inputs: readonly Value[],
    shape: readonly number[],
    attributes?: Readonly<Record<string, Attribute>>,
    type?: ElementType,
  ): Value;
  /** Notes how gradients flow from `output` to `inputs`, and returns `output`. */
  record(inputs: readonly Value[], output: Value, backward: Backward): Value;
  /** Gradients of a loss of one element. Ends the recording. */
  gradients(loss: Value, of: readonly Value[]): Value[];
  output(name: string, value: Value): void;
  /** The nodes the outputs need, in an order in which they can run. */
  model(): OnnxModel;
  encode(): Uint8Array;
}

interface TapeEntry {
  readonly inputs: readonly Value[];
  readonly output: Value;
  readonly backward: Backward;
}

export function createGraph(): Graph {
  const nodes: GraphNode[] = [];
  const constants: Constant[] = [];
  const inputs: Value[] = [];
  const outputs: { name: string; value: Value }[] = [];
  const tape: TapeEntry[] = [];
  const shared = new Map<string, Value>();
  let recording = true;
  let count = 0;

  function share(key: string, make: () => Constant): Value {
    const known = shared.get(key);
    if (known) return known;
    const made = make();
    constants.push(made);
    shared.set(key, made);
    return made;
  }

  const graph: Graph = {
    input(name, shape, type = 'float32') {
      const value = { name, shape, type };
      inputs.push(value);
      return value;
    },
    constant(data, shape) {
      const value = { name: `c${count++}`, shape, type: 'float32' as const, data };
      constants.push(value);
      return value;
    },
    scalar: (value) =>
      share(`f${value}`, () => ({
        ...{ name: `c${count++}`, shape: [], type: 'float32', data: Float32Array.of(value) },
      })),
    integers: (values) =>
      share(`i${values}`, () => ({
        ...{ name: `c${count++}`, shape: [values.length], type: 'int64' },
        data: BigInt64Array.from(values, BigInt),
      })),
    node(operator, from, shape, attributes = {}, type = from[0]!.type) {
      const output = { name: `${operator}_${count++}`, shape, type };
      nodes.push({ operator, inputs: from.map(({ name }) => name), output, attributes });
      return output;
    },
    record(from, output, backward) {
      if (recording) tape.push({ inputs: from, output, backward });
      return output;
    },
    gradients(loss, of) {
      recording = false;
      const sums = differentiate(graph, tape, loss, of);
      return of.map(({ name, shape }) => sums.get(name) ?? fillZero(graph, shape));
    },
    output: (name, value) => void outputs.push({ name, value }),
    model() {
      const made = new Set(nodes.map(({ output }) => output.name));
      const names = new Map<string, string>();
      const aliases: GraphNode[] = [];
      for (const { name, value } of outputs) {
        // A node that makes an output makes it under the output's name, once; anything else is copied.
        if (made.has(value.name) && !names.has(value.name)) names.set(value.name, name);
        else
          aliases.push({
            operator: 'Identity',
            inputs: [value.name],
            output: { ...value, name },
            attributes: {},
          });
      }
      const rename = (name: string): string => names.get(name) ?? name;
      const all = [...nodes, ...aliases].map((node) => ({
        ...node,
        inputs: node.inputs.map(rename),
        output: { ...node.output, name: rename(node.output.name) },
      }));
      return dropUnused(
        all,
        constants,
        inputs,
        outputs.map(({ name, value }) => ({ ...value, name })),
      );
    },
    encode: () => encodeOnnxModel(graph.model()),
  };
  return graph;
}

function fillZero(graph: Graph, shape: readonly number[]): Value {
  return graph.node('Expand', [graph.scalar(0), graph.integers(shape)], shape);
}

/** Walks the tape backwards; values that no trainable one feeds are passed over. */
function differentiate(
  graph: Graph,
  tape: readonly TapeEntry[],
  loss: Value,
  of: readonly Value[],
): Map<string, Value> {
  const needed = new Set(of.map(({ name }) => name));
  for (const { inputs, output } of tape) {
    if (inputs.some(({ name }) => needed.has(name))) needed.add(output.name);
  }
  const sums = new Map<string, Value>([[loss.name, graph.constant(Float32Array.of(1), loss.shape)]]);
  for (const { inputs, output, backward } of tape.toReversed()) {
    const gradient = sums.get(output.name);
    if (!gradient || !needed.has(output.name)) continue;
    for (const [at, contribution] of backward(gradient).entries()) {
      const { name, shape } = inputs[at]!;
      if (contribution === null || !needed.has(name)) continue;
      const soFar = sums.get(name) ?? null;
      if (typeof contribution === 'function') sums.set(name, contribution(soFar));
      else sums.set(name, soFar ? graph.node('Add', [soFar, contribution], shape) : contribution);
    }
  }
  return sums;
}

function dropUnused(
  nodes: readonly GraphNode[],
  constants: readonly Constant[],
  inputs: readonly Value[],
  outputs: readonly Value[],
): OnnxModel {
  const live = new Set(outputs.map(({ name }) => name));
  const kept: GraphNode[] = [];
  for (const node of nodes.toReversed()) {
    if (!live.has(node.output.name)) continue;
    kept.push(node);
    for (const name of node.inputs) live.add(name);
  }
  return {
    nodes: kept.toReversed(),
    constants: constants.filter(({ name }) => live.has(name)),
    inputs,
    outputs,
  };
}
