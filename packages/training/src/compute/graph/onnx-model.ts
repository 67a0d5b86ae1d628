import { createProtobufWriter, type ProtobufWriter } from './protobuf-writer.ts';

export type ElementType = 'float32' | 'int32' | 'int64' | 'bool';

/** A tensor of the graph: what a node makes, an input or a constant. Shapes are static. */
export interface Value {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: ElementType;
}

/** An attribute of an operator. Plain numbers are integers; decimals say so. */
export type Attribute = number | string | readonly number[] | { readonly decimal: number };

export interface GraphNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly output: Value;
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface Constant extends Value {
  readonly data: Float32Array | BigInt64Array;
}

export interface OnnxModel {
  readonly nodes: readonly GraphNode[];
  readonly constants: readonly Constant[];
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
}

/** TensorProto.DataType. */
const TYPE_CODES: Readonly<Record<ElementType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };
/** The operators' version. 17 is the newest whose reductions by axes every backend of ONNX Runtime has. */
const OPERATOR_SET = 17;
const IR_VERSION = 8;

/** A ModelProto: same graph, same bytes. Field numbers are those of onnx.proto in ONNX 1.12. */
export function encodeOnnxModel(model: OnnxModel): Uint8Array {
  const graph = createProtobufWriter();
  for (const node of model.nodes) graph.message(1, encodeNode(node));
  graph.text(2, 'cairn');
  for (const constant of model.constants) graph.message(5, encodeConstant(constant));
  for (const input of model.inputs) graph.message(11, encodeValue(input));
  for (const output of model.outputs) graph.message(12, encodeValue(output));
  const operators = createProtobufWriter().text(1, '').integer(2, OPERATOR_SET);
  return createProtobufWriter()
    .integer(1, IR_VERSION)
    .text(2, 'cairn')
    .message(7, graph)
    .message(8, operators)
    .finish();
}

function encodeNode({ operator, inputs, output, attributes }: GraphNode): ProtobufWriter {
  const writer = createProtobufWriter();
  for (const input of inputs) writer.text(1, input);
  writer.text(2, output.name).text(3, output.name).text(4, operator);
  for (const [name, value] of Object.entries(attributes)) writer.message(5, encodeAttribute(name, value));
  return writer;
}

function encodeAttribute(name: string, value: Attribute): ProtobufWriter {
  const writer = createProtobufWriter().text(1, name);
  if (typeof value === 'number') return writer.integer(3, value).integer(20, 2);
  if (typeof value === 'string') return writer.text(4, value).integer(20, 3);
  if ('decimal' in value) return writer.float(2, value.decimal).integer(20, 1);
  for (const item of value) writer.integer(8, item);
  return writer.integer(20, 7);
}

function encodeConstant({ name, shape, type, data }: Constant): ProtobufWriter {
  const writer = createProtobufWriter();
  for (const size of shape) writer.integer(1, size);
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return writer.integer(2, TYPE_CODES[type]).text(8, name).bytes(9, bytes);
}

function encodeValue({ name, shape, type }: Value): ProtobufWriter {
  const sizes = createProtobufWriter();
  for (const size of shape) sizes.message(1, createProtobufWriter().integer(1, size));
  const tensor = createProtobufWriter().integer(1, TYPE_CODES[type]).message(2, sizes);
  return createProtobufWriter().text(1, name).message(2, createProtobufWriter().message(1, tensor));
}
