import { toHalf } from './half.ts';

/** The types of tensors that are written: number on the file, numbers of a block, bytes of a block. */
export const GGUF_TYPES = {
  f32: { id: 0, block: 1, bytes: 4 },
  f16: { id: 1, block: 1, bytes: 2 },
  q8_0: { id: 8, block: 32, bytes: 34 },
} as const;
export type GgufType = keyof typeof GGUF_TYPES;

/** Bytes of numbers in a type. The length is a multiple of the type's block. */
export function quantise(values: Float32Array, type: GgufType): Uint8Array {
  if (type === 'f32') return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return type === 'f16' ? toHalves(values) : toQ8(values);
}

function toHalves(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(2 * values.length);
  for (let i = 0; i < values.length; i++) {
    const bits = toHalf(values[i]!);
    bytes[2 * i] = bits & 255;
    bytes[2 * i + 1] = bits >>> 8;
  }
  return bytes;
}

/**
 * Blocks of 32 numbers: a half-precision scale and 32 signed bytes, with the steps of llama.cpp's own
 * `quantize_row_q8_0_ref` in single precision, so that the bytes are the same.
 */
function toQ8(values: Float32Array): Uint8Array {
  const { block, bytes: size } = GGUF_TYPES.q8_0;
  const bytes = new Uint8Array((values.length / block) * size);
  for (let start = 0, at = 0; start < values.length; start += block, at += size) {
    let largest = 0;
    for (let i = 0; i < block; i++) largest = Math.max(largest, Math.abs(values[start + i]!));
    const scale = Math.fround(largest / 127);
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
    const bits = toHalf(scale);
    bytes[at] = bits & 255;
    bytes[at + 1] = bits >>> 8;
    for (let i = 0; i < block; i++) {
      const scaled = Math.fround(values[start + i]! * inverse);
      bytes[at + 2 + i] = Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5);
    }
  }
  return bytes;
}
