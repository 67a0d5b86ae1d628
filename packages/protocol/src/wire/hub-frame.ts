import { MAX_FRAME_BYTES } from '../ports/transport.ts';
import { MAX_SEALED_REQUEST_BYTES } from '../seal/sealed-request.ts';
import {
  bytesUpTo,
  fromCbor,
  listUpTo,
  oneOf,
  type Reader,
  record,
  recordWith,
  tagged,
  textUpTo,
  toCbor,
  wholeUpTo,
} from './cbor.ts';
import { INFER_ERROR_CODES, MAX_MISSED_RECEIPTS, type ServerFrame } from './infer-frame.ts';
import { MAX_INFER_BODY_BYTES } from './infer-limits.ts';

/** Name of the protocol by which a hub pays a provider for its users, each of whom has one channel to the hub. */
export const HUB_PROTOCOL = '/cairn/hub/1';

/** Why a hub refuses, beside what a provider says. Codes never change. */
export const HUB_ERROR_CODES = [
  ...INFER_ERROR_CODES,
  'OFFER_UNKNOWN',
  'FEE_TOO_LOW',
  'CHANNELS_FULL',
  'PROVIDER_LOST',
  'PROVIDER_CHEATED',
] as const;
export type HubErrorCode = (typeof HUB_ERROR_CODES)[number];

/** The first frame of a user: whom it wants paid, for what, and with which money. */
export interface HubWantFrame {
  readonly type: 'want';
  /** An encoded `SignedVoucher` of the user's channel to the hub. */
  readonly voucher: Uint8Array;
  /** The user's encoded `Authorization` of `inferSignBytes` on that channel. */
  readonly authorization: Uint8Array;
  readonly idempotencyKey: string;
  /** SHA-256 of the encoded `InferBody`. */
  readonly requestHash: Uint8Array;
  /** Account that offers on the ledger. */
  readonly provider: Uint8Array;
  readonly netuid: number;
  readonly model: Uint8Array;
  readonly artifact: Uint8Array;
  /** What the user pays the hub above the offer's price, in ten thousandths. */
  readonly feeBps: number;
  readonly maxTokens: number;
  /** Most tokens that the prompt can have: what it may cost. */
  readonly mostPromptTokens: number;
  readonly priority?: 'batch';
}

export type HubUserFrame =
  | HubWantFrame
  /** The encoded `InferBody`; or, sealed to the provider for the channel that the hub named. */
  | { readonly type: 'clear'; readonly body: Uint8Array }
  | { readonly type: 'sealed'; readonly sealed: Uint8Array }
  | { readonly type: 'voucher'; readonly voucher: Uint8Array }
  | { readonly type: 'cancel' };

/** The hub's terms for one answer. */
export interface WayFrame {
  readonly type: 'way';
  /** Its channel to the provider, which a seal and the provider's receipt name. */
  readonly channel: Uint8Array;
  /** As in an `AcceptedFrame`, on the user's channel. */
  readonly trancheTokens: number;
  readonly prepayTokens: number;
  readonly missed: readonly Uint8Array[];
}

export type HubFrame =
  | WayFrame
  /** A frame of the provider: in clear, or an encoded `ShownFrame`. */
  | { readonly type: 'from'; readonly frame: Uint8Array }
  /** The hub's own receipt, on the user's channel. */
  | { readonly type: 'receipt'; readonly receipt: Uint8Array }
  | { readonly type: 'error'; readonly code: HubErrorCode; readonly message: string };

/** A sealed piece of an answer with what the hub that pays for it may read. */
export interface ShownFrame {
  readonly type: 'shown';
  /** The encoded frame without what was asked or answered; empty at the end. */
  readonly frame: Uint8Array;
  readonly sealed: Uint8Array;
}

const hash = bytesUpTo(32, 32);
const MAX_COUNT = 0xffff_ffff;

const userReader: Reader<HubUserFrame> = tagged({
  want: recordWith(
    {
      type: oneOf('want'),
      voucher: bytesUpTo(8 * 1024),
      authorization: bytesUpTo(4 * 1024),
      idempotencyKey: textUpTo(128),
      requestHash: hash,
      provider: hash,
      netuid: wholeUpTo(0xffff),
      model: hash,
      artifact: hash,
      feeBps: wholeUpTo(10_000),
      maxTokens: wholeUpTo(MAX_COUNT, 1),
      mostPromptTokens: wholeUpTo(MAX_COUNT),
    },
    { priority: oneOf('batch') },
  ),
  clear: record({ type: oneOf('clear'), body: bytesUpTo(MAX_INFER_BODY_BYTES) }),
  sealed: record({ type: oneOf('sealed'), sealed: bytesUpTo(MAX_SEALED_REQUEST_BYTES, 1) }),
  voucher: record({ type: oneOf('voucher'), voucher: bytesUpTo(8 * 1024) }),
  cancel: record({ type: oneOf('cancel') }),
});

const hubReader: Reader<HubFrame> = tagged({
  way: record({
    type: oneOf('way'),
    channel: hash,
    trancheTokens: wholeUpTo(1 << 20),
    prepayTokens: wholeUpTo(1 << 20),
    missed: listUpTo(bytesUpTo(8 * 1024), MAX_MISSED_RECEIPTS),
  }),
  from: record({ type: oneOf('from'), frame: bytesUpTo(MAX_FRAME_BYTES) }),
  receipt: record({ type: oneOf('receipt'), receipt: bytesUpTo(8 * 1024) }),
  error: record({ type: oneOf('error'), code: oneOf(...HUB_ERROR_CODES), message: textUpTo(1000) }),
});

type ClearError = Extract<ServerFrame, { type: 'error' }>;

const shownReader: Reader<ShownFrame | ClearError> = tagged({
  shown: record({
    type: oneOf('shown'),
    frame: bytesUpTo(MAX_FRAME_BYTES),
    sealed: bytesUpTo(MAX_FRAME_BYTES, 1),
  }),
  error: record({ type: oneOf('error'), code: oneOf(...INFER_ERROR_CODES), message: textUpTo(1000) }),
});

export function encodeHubFrame(frame: HubUserFrame | HubFrame | ShownFrame): Uint8Array {
  return toCbor(frame);
}

/** @throws ProtocolError `FRAME_TOO_LARGE`, `FRAME_MALFORMED` */
export function decodeHubUserFrame(bytes: Uint8Array): HubUserFrame {
  return fromCbor(bytes, MAX_FRAME_BYTES, userReader);
}

/** @throws ProtocolError `FRAME_TOO_LARGE`, `FRAME_MALFORMED` */
export function decodeHubFrame(bytes: Uint8Array): HubFrame {
  return fromCbor(bytes, MAX_FRAME_BYTES, hubReader);
}

/**
 * A frame of a provider that seals; an error in clear comes of one that could not open the request.
 *
 * @throws ProtocolError `FRAME_TOO_LARGE`, `FRAME_MALFORMED`
 */
export function decodeShownFrame(bytes: Uint8Array): ShownFrame | ClearError {
  return fromCbor(bytes, MAX_FRAME_BYTES, shownReader);
}
