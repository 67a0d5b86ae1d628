import { bytesToUtf8, utf8ToBytes } from '@cairn/core';

/** The value a key had before a block; null when it had none. */
export interface UndoEntry {
  readonly key: string;
  readonly value: Uint8Array | null;
}

const ABSENT = 0xffff_ffff;

/** Layout: for each entry the key length (u16), value length (u32, all ones for none), key, value. */
export function undoToBytes(entries: readonly UndoEntry[]): Uint8Array {
  const keys = entries.map(({ key }) => utf8ToBytes(key));
  let size = 0;
  for (let i = 0; i < entries.length; i++) size += 6 + keys[i]!.length + (entries[i]!.value?.length ?? 0);
  const bytes = new Uint8Array(size);
  const numbers = new DataView(bytes.buffer);
  let offset = 0;
  for (let i = 0; i < entries.length; i++) {
    const key = keys[i]!;
    const { value } = entries[i]!;
    numbers.setUint16(offset, key.length, true);
    numbers.setUint32(offset + 2, value === null ? ABSENT : value.length, true);
    bytes.set(key, offset + 6);
    offset += 6 + key.length;
    if (value === null) continue;
    bytes.set(value, offset);
    offset += value.length;
  }
  return bytes;
}

export function undoFromBytes(bytes: Uint8Array): UndoEntry[] {
  const numbers = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: UndoEntry[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const keyEnd = offset + 6 + numbers.getUint16(offset, true);
    const size = numbers.getUint32(offset + 2, true);
    const valueEnd = keyEnd + (size === ABSENT ? 0 : size);
    entries.push({
      key: bytesToUtf8(bytes.subarray(offset + 6, keyEnd)),
      value: size === ABSENT ? null : bytes.slice(keyEnd, valueEnd),
    });
    offset = valueEnd;
  }
  return entries;
}
