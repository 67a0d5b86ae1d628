import { bytesToUtf8, utf8ToBytes } from '@cairn/core';
import type { TensorShape, TensorTable } from '@cairn/protocol';
import { sizeOf } from '../compute/model/tensors.ts';
import { fromHalf } from './half.ts';
import { malformedWeights } from './pages.ts';

/** Longest header that is read, in bytes. */
const MAX_HEADER_BYTES = 1 << 24;
const MAX_TENSORS = 65_536;
const MAX_DIMENSIONS = 8;

const DTYPE_BYTES: ReadonlyMap<unknown, number> = new Map([
  ['F32', 4],
  ['F16', 2],
  ['BF16', 2],
]);

/** Tensors of a file: their table in the file's order, and their numbers. */
export interface SafetensorsFile {
  readonly tensors: readonly TensorShape[];
  readonly weights: TensorTable;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A file of 32-bit tensors in the safetensors form, in pieces: the header, then each tensor. */
export function* writeSafetensors(
  tensors: readonly TensorShape[],
  weights: TensorTable,
  metadata: Readonly<Record<string, string>> = {},
): Generator<Uint8Array, void> {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt', ...metadata } };
  let offset = 0;
  for (const { name, shape } of tensors) {
    const end = offset + 4 * sizeOf(shape);
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = utf8ToBytes(JSON.stringify(header));
  // Readers map the numbers straight from the file, so they begin at a multiple of eight.
  const padded = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(padded.buffer).setBigUint64(0, BigInt(padded.length - 8), true);
  padded.set(json, 8);
  yield padded;
  for (const { name, shape } of tensors) {
    const values = weights.get(name);
    if (values?.length !== sizeOf(shape))
      throw malformedWeights(`${name} has ${values?.length ?? 0} numbers instead of ${sizeOf(shape)}`);
    yield new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  }
}

/**
 * Reads a file of strangers. Every length is checked before anything is allocated, and the tensors must fill the file
 * without gap or overlap, as the format asks.
 *
 * @throws TrainingError `WEIGHTS_MALFORMED`
 */
export function readSafetensors(bytes: Uint8Array): SafetensorsFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8) throw malformedWeights('the file is shorter than its header');
  const length = view.getBigUint64(0, true);
  if (length > BigInt(Math.min(MAX_HEADER_BYTES, bytes.length - 8)))
    throw malformedWeights(`the file says that its header has ${length} bytes`);
  const dataStart = 8 + Number(length);
  const { __metadata__: metadata = {}, ...entries } = parseHeader(bytes.subarray(8, dataStart));
  const places = Object.entries(entries).map(([name, entry]) => readPlace(name, entry));
  if (places.length > MAX_TENSORS) throw malformedWeights(`the file has ${places.length} tensors`);
  places.sort((a, b) => a.start - b.start || a.end - b.end);
  let offset = 0;
  for (const { name, start, end } of places) {
    if (start !== offset) throw malformedWeights(`${name} does not begin where the tensor before it ends`);
    offset = end;
  }
  if (offset !== bytes.length - dataStart) throw malformedWeights('the tensors do not fill the file');
  const weights = new Map(
    places.map(({ name, dtype, start, end }) => {
      // A copy with memory of its own: the `slice` of a Buffer would share that of the whole file.
      const part = new Uint8Array(bytes.subarray(dataStart + start, dataStart + end));
      return [name, toFloats(dtype, part)] as const;
    }),
  );
  return {
    tensors: places.map(({ name, shape }) => ({ name, shape })),
    weights,
    metadata: readMetadata(metadata),
  };
}

interface Place extends TensorShape {
  readonly dtype: string;
  readonly start: number;
  readonly end: number;
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(bytesToUtf8(bytes));
  } catch {
    // The text is a stranger's, so it is not shown.
    throw malformedWeights('the header of the file is not JSON');
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw malformedWeights('the header of the file is no object');
  return json as Record<string, unknown>;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function readPlace(name: string, entry: unknown): Place {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const size = DTYPE_BYTES.get(dtype);
  if (size === undefined) throw malformedWeights(`${name} is of a type other than F32, F16 and BF16`);
  if (!Array.isArray(shape) || shape.length > MAX_DIMENSIONS || !shape.every(isCount))
    throw malformedWeights(`${name} has no shape`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    throw malformedWeights(`${name} has no place`);
  const [start, end] = offsets as [number, number];
  if (end < start || end - start !== size * sizeOf(shape))
    throw malformedWeights(`the size of ${name} and its place differ`);
  return { name, dtype: dtype as string, shape, start, end };
}

function readMetadata(value: unknown): Record<string, string> {
  const entries = Object.entries((value ?? {}) as object);
  if (!entries.every((entry) => typeof entry[1] === 'string'))
    throw malformedWeights('the metadata of the file are no texts');
  return Object.fromEntries(entries);
}

function toFloats(dtype: string, bytes: Uint8Array): Float32Array {
  if (dtype === 'F32') return new Float32Array(bytes.buffer);
  const halves = new Uint16Array(bytes.buffer);
  if (dtype === 'F16') return Float32Array.from(halves, fromHalf);
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}
