import {
  bytes32,
  bytesToUtf8,
  type Crypto,
  decode,
  encode,
  list,
  struct,
  u64,
  utf8ToBytes,
  type ValueOf,
} from '@cairn/core';

/**
 * What the bytes of a snapshot are. A pure function of the state: every node makes the same of the same height, so
 * that pieces of one may come from many. Nothing is compressed: libraries that compress differ between versions.
 */
export const SNAPSHOT_FORMAT = 1;

/** Most bytes of a piece. Part of the format: another number cuts elsewhere. */
export const CHUNK_BYTES = 4_000_000;
/** 260 GB of state; the metadata stays below the 4 MB that CometBFT carries. */
export const MAX_CHUNKS = 65_536;
/** LMDB takes keys of up to 1,978 bytes. */
const MAX_KEY_BYTES = 1_024;
const HEAD_BYTES = 6;

/** Everything in it is checked: the height and root against votes, the rest against the pieces. */
const metadataShape = struct('SnapshotMetadata', {
  chainId: bytes32,
  height: u64,
  /** Root of the state after the block of this height. */
  appHash: bytes32,
  stateKeys: u64,
  chunkHashes: list(bytes32, MAX_CHUNKS),
});
export type SnapshotMetadata = ValueOf<typeof metadataShape>;

export function metadataToBytes(metadata: SnapshotMetadata): Uint8Array {
  return encode(metadataShape, metadata);
}

/** @throws CoreError `CODEC_MALFORMED`, `CODEC_NOT_CANONICAL` */
export function metadataFromBytes(bytes: Uint8Array): SnapshotMetadata {
  return decode(metadataShape, bytes);
}

/** Tells two snapshots of a height apart. */
export function snapshotHash(crypto: Crypto, metadata: Uint8Array): Uint8Array {
  return crypto.sha256(metadata);
}

/** Bytes of an entry: length of the key (u16), length of the value (u32), key, value. */
export function entrySize(key: string, value: Uint8Array): number {
  return HEAD_BYTES + key.length + value.length;
}

/** Writes an entry at `offset`. Keys are ASCII. */
export function putEntry(chunk: Uint8Array, offset: number, key: string, value: Uint8Array): void {
  const numbers = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  numbers.setUint16(offset, key.length, true);
  numbers.setUint32(offset + 2, value.length, true);
  chunk.set(utf8ToBytes(key), offset + HEAD_BYTES);
  chunk.set(value, offset + HEAD_BYTES + key.length);
}

/** An entry of a piece. Its value is a part of the piece, no copy. */
export interface SnapshotEntry {
  readonly key: string;
  readonly value: Uint8Array;
}

/**
 * The entries of a piece whose keys all lie above `after`, ascending; null when the bytes are anything else.
 */
export function entriesOf(chunk: Uint8Array, after: string): SnapshotEntry[] | null {
  const numbers = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const entries: SnapshotEntry[] = [];
  let last = after;
  let offset = 0;
  while (offset < chunk.length) {
    if (offset + HEAD_BYTES > chunk.length) return null;
    const keyEnd = offset + HEAD_BYTES + numbers.getUint16(offset, true);
    const valueEnd = keyEnd + numbers.getUint32(offset + 2, true);
    if (valueEnd > chunk.length) return null;
    const keyBytes = chunk.subarray(offset + HEAD_BYTES, keyEnd);
    if (keyBytes.length > MAX_KEY_BYTES || !keyBytes.every((byte) => byte > 0x20 && byte < 0x7f)) return null;
    const key = bytesToUtf8(keyBytes);
    if (key <= last) return null;
    entries.push({ key, value: chunk.subarray(keyEnd, valueEnd) });
    last = key;
    offset = valueEnd;
  }
  return entries;
}
