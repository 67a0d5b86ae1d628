import {
  bytesUpTo,
  fromCbor,
  listUpTo,
  oneOf,
  type Reader,
  record,
  tagged,
  toCbor,
  wholeUpTo,
} from './cbor.ts';

/** Name of the protocol by which a provider shows a chunk of an artifact it says to hold. */
export const CHUNK_PROTOCOL = '/cairn/chunk/1';

/** Bytes of one chunk, and of one leaf of the tree over an artifact; the last may be shorter. */
export const CHUNK_BYTES = 1024 * 1024;

/** Most chunks of an artifact: 16 TiB. */
export const MAX_CHUNKS = 16 * 1024 * 1024;

/** Most hashes beside a path from a leaf to the root. */
export const MAX_CHUNK_PATH = 24;

const MAX_WANT_BYTES = 128;
const MAX_CHUNK_FRAME_BYTES = CHUNK_BYTES + MAX_CHUNK_PATH * 40 + 128;

/** The only frame of the asking side. */
export interface WantChunkFrame {
  readonly type: 'want';
  /** SHA-256 of the artifact. */
  readonly artifact: Uint8Array;
  readonly index: number;
}

/** The only frame of the answer. The path has the hashes beside it, from the leaf up. */
export type ChunkFrame =
  | { readonly type: 'chunk'; readonly bytes: Uint8Array; readonly path: readonly Uint8Array[] }
  | { readonly type: 'absent' };

const wantReader: Reader<WantChunkFrame> = record({
  type: oneOf('want'),
  artifact: bytesUpTo(32, 32),
  index: wholeUpTo(MAX_CHUNKS - 1),
});

const chunkReader: Reader<ChunkFrame> = tagged({
  chunk: record({
    type: oneOf('chunk'),
    bytes: bytesUpTo(CHUNK_BYTES, 1),
    path: listUpTo(bytesUpTo(32, 32), MAX_CHUNK_PATH),
  }),
  absent: record({ type: oneOf('absent') }),
});

export function encodeChunkFrame(frame: WantChunkFrame | ChunkFrame): Uint8Array {
  return toCbor(frame);
}

/** @throws ProtocolError `FRAME_TOO_LARGE`, `FRAME_MALFORMED` */
export function decodeWantChunkFrame(bytes: Uint8Array): WantChunkFrame {
  return fromCbor(bytes, MAX_WANT_BYTES, wantReader);
}

/** @throws ProtocolError `FRAME_TOO_LARGE`, `FRAME_MALFORMED` */
export function decodeChunkFrame(bytes: Uint8Array): ChunkFrame {
  return fromCbor(bytes, MAX_CHUNK_FRAME_BYTES, chunkReader);
}
