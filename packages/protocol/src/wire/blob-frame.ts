import { bytesUpTo, fromCbor, oneOf, type Reader, record, tagged, toCbor, wholeUpTo } from './cbor.ts';

/** Name of the protocol that fetches a blob by its SHA-256. */
export const BLOB_PROTOCOL = '/cairn/blob/1';

/** Largest blob that travels or is kept as one. Larger things are chunked by who stores them. */
export const MAX_BLOB_BYTES = 64 * 1024 * 1024;

/** Most bytes of a blob in one frame. */
export const MAX_BLOB_PART_BYTES = 256 * 1024;

/** Most bytes of a frame besides the part it carries. */
const MAX_HEAD_BYTES = 64;
const MAX_WANT_BYTES = 128;

/** The only frame of the asking side: SHA-256 of the bytes it wants. */
export interface WantFrame {
  readonly type: 'want';
  readonly id: Uint8Array;
}

/**
 * The answer: either `absent` alone, or `size` first and then parts, none of them empty, that add up to it.
 * Whoever serves closes its direction after the last one.
 */
export type BlobFrame =
  | { readonly type: 'size'; readonly sizeBytes: number }
  | { readonly type: 'part'; readonly bytes: Uint8Array }
  | { readonly type: 'absent' };

const wantReader: Reader<WantFrame> = record({ type: oneOf('want'), id: bytesUpTo(32, 32) });

const blobReader: Reader<BlobFrame> = tagged({
  size: record({ type: oneOf('size'), sizeBytes: wholeUpTo(MAX_BLOB_BYTES, 1) }),
  part: record({ type: oneOf('part'), bytes: bytesUpTo(MAX_BLOB_PART_BYTES, 1) }),
  absent: record({ type: oneOf('absent') }),
});

export function encodeBlobFrame(frame: WantFrame | BlobFrame): Uint8Array {
  return toCbor(frame);
}

/** @throws ProtocolError `FRAME_TOO_LARGE`, `FRAME_MALFORMED` */
export function decodeWantFrame(bytes: Uint8Array): WantFrame {
  return fromCbor(bytes, MAX_WANT_BYTES, wantReader);
}

/** @throws ProtocolError `FRAME_TOO_LARGE`, `FRAME_MALFORMED` */
export function decodeBlobFrame(bytes: Uint8Array): BlobFrame {
  return fromCbor(bytes, MAX_BLOB_PART_BYTES + MAX_HEAD_BYTES, blobReader);
}
