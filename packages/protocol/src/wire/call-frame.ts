import { MAX_FRAME_BYTES } from '../ports/transport.ts';
import {
  bytesUpTo,
  fromCbor,
  listUpTo,
  oneOf,
  type Reader,
  record,
  tagged,
  textUpTo,
  toCbor,
  wholeUpTo,
} from './cbor.ts';
import { INFER_ERROR_CODES, MAX_MISSED_RECEIPTS } from './infer-frame.ts';

/** Name of the protocol of paid calls. A caller sends the frames of `INFER_PROTOCOL`; the body is a `CallBody`. */
export const CALL_PROTOCOL = '/cairn/call/1';

/** Why a provider refuses a call. */
export const CALL_ERROR_CODES = [
  ...INFER_ERROR_CODES,
  'DEPLOYMENT_UNKNOWN',
  'LEASE_ENDED',
  'CODE_REFUSED',
] as const;
export type CallErrorCode = (typeof CALL_ERROR_CODES)[number];

export type CallServerFrame =
  | {
      readonly type: 'accepted';
      /** KiB of the input. */
      readonly inputUnits: number;
      /** Units of work the provider does beyond what is paid. 0: everything is prepaid. */
      readonly trancheWork: number;
      /** Units of work the caller pays ahead. 0: it pays afterwards. */
      readonly prepayWork: number;
      /** Signed receipts that the caller's voucher does not know of, oldest first. */
      readonly missed: readonly Uint8Array[];
    }
  /** So many more units are done, or about to be done once they are paid. */
  | { readonly type: 'work'; readonly work: number }
  /** A piece of the encoded `CallAnswer`. */
  | { readonly type: 'part'; readonly bytes: Uint8Array }
  | { readonly type: 'receipt'; readonly receipt: Uint8Array }
  | { readonly type: 'error'; readonly code: CallErrorCode; readonly message: string };

/** Largest piece of an answer. */
export const MAX_CALL_PART_BYTES = 256 * 1024;
const MAX_RECEIPT_BYTES = 8 * 1024;

const reader: Reader<CallServerFrame> = tagged({
  accepted: record({
    type: oneOf('accepted'),
    inputUnits: wholeUpTo(1 << 20),
    trancheWork: wholeUpTo(1 << 20),
    prepayWork: wholeUpTo(1 << 20),
    missed: listUpTo(bytesUpTo(MAX_RECEIPT_BYTES), MAX_MISSED_RECEIPTS),
  }),
  work: record({ type: oneOf('work'), work: wholeUpTo(1 << 20, 1) }),
  part: record({ type: oneOf('part'), bytes: bytesUpTo(MAX_CALL_PART_BYTES, 1) }),
  receipt: record({ type: oneOf('receipt'), receipt: bytesUpTo(MAX_RECEIPT_BYTES) }),
  error: record({ type: oneOf('error'), code: oneOf(...CALL_ERROR_CODES), message: textUpTo(1000) }),
});

export function encodeCallFrame(frame: CallServerFrame): Uint8Array {
  return toCbor(frame);
}

/** @throws ProtocolError `FRAME_TOO_LARGE`, `FRAME_MALFORMED` */
export function decodeCallFrame(bytes: Uint8Array): CallServerFrame {
  return fromCbor(bytes, MAX_FRAME_BYTES, reader);
}
