import { parseGgufHeader } from '../src/index.ts';

const ALIGNMENT = 32;

/** A copy of a GGUF file with one more unsigned 32-bit entry in its metadata. */
export function withMetadata(file: Uint8Array, key: string, value: number): Uint8Array {
  const { headerBytes } = parseGgufHeader(file);
  const name = new TextEncoder().encode(key);
  const entry = new Uint8Array(8 + name.length + 8);
  const view = new DataView(entry.buffer);
  view.setBigUint64(0, BigInt(name.length), true);
  entry.set(name, 8);
  view.setUint32(8 + name.length, 4, true);
  view.setUint32(12 + name.length, value, true);
  const data = file.subarray(Math.ceil(headerBytes / ALIGNMENT) * ALIGNMENT);
  const dataStart = Math.ceil((headerBytes + entry.length) / ALIGNMENT) * ALIGNMENT;
  const copy = new Uint8Array(dataStart + data.length);
  copy.set(file.subarray(0, 24));
  copy.set(entry, 24);
  copy.set(file.subarray(24, headerBytes), 24 + entry.length);
  copy.set(data, dataStart);
  const counts = new DataView(copy.buffer);
  counts.setBigUint64(16, counts.getBigUint64(16, true) + 1n, true);
  return copy;
}
