import type { SparseRow } from './math/epoch-input.ts';

/** Stored form of a row: uid and value of each entry, two bytes each, big-endian, ascending by uid. */
export function rowToBytes({ uids, values }: SparseRow): Uint8Array {
  const bytes = new Uint8Array(4 * uids.length);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < uids.length; index += 1) {
    view.setUint16(4 * index, uids[index]!);
    view.setUint16(4 * index + 2, values[index]!);
  }
  return bytes;
}

export function bytesToRow(bytes: Uint8Array): SparseRow {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length >> 2;
  const uids = new Uint16Array(length);
  const values = new Uint16Array(length);
  for (let index = 0; index < length; index += 1) {
    uids[index] = view.getUint16(4 * index);
    values[index] = view.getUint16(4 * index + 2);
  }
  return { uids, values };
}
