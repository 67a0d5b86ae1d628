import { concatBytes, utf8ToBytes } from '@cairn/core';
import { sizeOf } from '../compute/model/tensors.ts';
import { GGUF_TYPES, type GgufType, quantise } from './gguf-quantise.ts';

/** One entry of a file's metadata, with its type on the file. */
export type GgufEntry =
  | readonly [key: string, type: 'u32' | 'f32', value: number]
  | readonly [key: string, type: 'bool', value: boolean]
  | readonly [key: string, type: 'text', value: string]
  | readonly [key: string, type: 'texts', value: readonly string[]]
  | readonly [key: string, type: 'i32s', value: readonly number[]];

export interface GgufTensor {
  readonly name: string;
  /** Row-major, the outermost first. */
  readonly shape: readonly number[];
  readonly type: GgufType;
  /** Made when it is written, so that one tensor is in memory at a time. */
  readonly values: () => Float32Array;
}

const ALIGNMENT = 32;
const VALUE_TYPES = { u32: 4, i32: 5, f32: 6, bool: 7, text: 8, list: 9 } as const;

/**
 * A GGUF file, version 3, little-endian, in pieces: the header first, then each tensor. Rows that are no whole number
 * of blocks cannot be written in a type of blocks: see `typeFor`.
 */
export function* writeGguf(
  metadata: readonly GgufEntry[],
  tensors: readonly GgufTensor[],
): Generator<Uint8Array, void> {
  const parts: Uint8Array[] = [utf8ToBytes('GGUF'), u32(3), u64(tensors.length), u64(metadata.length)];
  for (const entry of metadata) parts.push(text(entry[0]), value(entry));
  let offset = 0;
  for (const { name, shape, type } of tensors) {
    // The file has the innermost dimension first.
    parts.push(text(name), u32(shape.length), ...[...shape].reverse().map(u64));
    parts.push(u32(GGUF_TYPES[type].id), u64(offset));
    offset += align(bytesOf(shape, type));
  }
  const header = concatBytes(...parts);
  yield header;
  yield new Uint8Array(align(header.length) - header.length);
  for (const { type, values } of tensors) {
    const bytes = quantise(values(), type);
    yield bytes;
    yield new Uint8Array(align(bytes.length) - bytes.length);
  }
}

/** The type a tensor can have when `wanted` is asked for: half precision when its rows are no whole blocks. */
export function typeFor(shape: readonly number[], wanted: GgufType): GgufType {
  return (shape.at(-1) ?? 0) % GGUF_TYPES[wanted].block === 0 ? wanted : 'f16';
}

function bytesOf(shape: readonly number[], type: GgufType): number {
  const { block, bytes } = GGUF_TYPES[type];
  return (sizeOf(shape) / block) * bytes;
}

const align = (length: number): number => Math.ceil(length / ALIGNMENT) * ALIGNMENT;

function value(entry: GgufEntry): Uint8Array {
  switch (entry[1]) {
    case 'u32':
      return concatBytes(u32(VALUE_TYPES.u32), u32(entry[2]));
    case 'f32':
      return concatBytes(
        u32(VALUE_TYPES.f32),
        number(4, (view) => view.setFloat32(0, entry[2], true)),
      );
    case 'bool':
      return concatBytes(u32(VALUE_TYPES.bool), Uint8Array.of(entry[2] ? 1 : 0));
    case 'text':
      return concatBytes(u32(VALUE_TYPES.text), text(entry[2]));
    case 'texts':
      return joinAll([
        u32(VALUE_TYPES.list),
        u32(VALUE_TYPES.text),
        u64(entry[2].length),
        ...entry[2].map(text),
      ]);
    default: {
      const numbers = Int32Array.from(entry[2]);
      const head = [u32(VALUE_TYPES.list), u32(VALUE_TYPES.i32), u64(numbers.length)];
      return concatBytes(...head, new Uint8Array(numbers.buffer));
    }
  }
}

/** As `concatBytes`, for more parts than a call can have arguments. */
function joinAll(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function number(length: number, write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(length);
  write(new DataView(bytes.buffer));
  return bytes;
}

const u32 = (given: number): Uint8Array => number(4, (view) => view.setUint32(0, given, true));
const u64 = (given: number): Uint8Array => number(8, (view) => view.setBigUint64(0, BigInt(given), true));
const text = (given: string): Uint8Array => {
  const bytes = utf8ToBytes(given);
  return concatBytes(u64(bytes.length), bytes);
};
