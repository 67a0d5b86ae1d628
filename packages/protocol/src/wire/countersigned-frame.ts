import { bytesUpTo, fromCbor, listUpTo, oneOf, type Reader, record, tagged, toCbor } from './cbor.ts';

/** Name of the protocol that asks a provider whether it holds a receipt which a payer has countersigned. */
export const COUNTERSIGNED_PROTOCOL = '/cairn/countersigned/1';

/** Most requests asked about at once: all tasks of an epoch, for two artifacts. */
export const MAX_WANTED_REQUESTS = 512;

const MAX_COUNTERSIGNED_BYTES = 16 * 1024;
/** Most bytes of a frame besides what it carries. */
const MAX_HEAD_BYTES = 128;
/** A hash of 32 bytes has a head of two. */
const MAX_WANT_BYTES = MAX_WANTED_REQUESTS * 34 + MAX_HEAD_BYTES;

/** The only frame of the asking side: has this payer countersigned a receipt for any of these requests? */
export interface WantCountersignedFrame {
  readonly type: 'want';
  /** Account of the payer. */
  readonly payer: Uint8Array;
  /** Hashes of request bodies. */
  readonly requests: readonly Uint8Array[];
}

/** The only frame of the answer: one of them, as encoded `CountersignedReceipt`, or none. */
export type CountersignedFrame =
  | { readonly type: 'countersigned'; readonly bytes: Uint8Array }
  | { readonly type: 'absent' };

const wantReader: Reader<WantCountersignedFrame> = record({
  type: oneOf('want'),
  payer: bytesUpTo(32, 32),
  requests: listUpTo(bytesUpTo(32, 32), MAX_WANTED_REQUESTS, 1),
});

const answerReader: Reader<CountersignedFrame> = tagged({
  countersigned: record({ type: oneOf('countersigned'), bytes: bytesUpTo(MAX_COUNTERSIGNED_BYTES, 1) }),
  absent: record({ type: oneOf('absent') }),
});

export function encodeCountersignedFrame(frame: WantCountersignedFrame | CountersignedFrame): Uint8Array {
  return toCbor(frame);
}

/** @throws ProtocolError `FRAME_TOO_LARGE`, `FRAME_MALFORMED` */
export function decodeWantCountersignedFrame(bytes: Uint8Array): WantCountersignedFrame {
  return fromCbor(bytes, MAX_WANT_BYTES, wantReader);
}

/** @throws ProtocolError `FRAME_TOO_LARGE`, `FRAME_MALFORMED` */
export function decodeCountersignedFrame(bytes: Uint8Array): CountersignedFrame {
  return fromCbor(bytes, MAX_COUNTERSIGNED_BYTES + MAX_HEAD_BYTES, answerReader);
}
