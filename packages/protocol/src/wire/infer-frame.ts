import { concatBytes, utf8ToBytes } from '@cairn/core';
import type { TokenLogprob } from '../ports/inference-engine.ts';
import { MAX_FRAME_BYTES } from '../ports/transport.ts';
import { MAX_SEALED_REQUEST_BYTES } from '../seal/sealed-request.ts';
import {
  bytesUpTo,
  fromCbor,
  listUpTo,
  nullable,
  numberWithin,
  oneOf,
  type Reader,
  record,
  recordWith,
  tagged,
  textUpTo,
  toCbor,
  wholeUpTo,
} from './cbor.ts';
import { MAX_INFER_BODY_BYTES } from './infer-limits.ts';
import { readPlainDelta } from './plain-delta.ts';

/** Name of the paid inference protocol. */
export const INFER_PROTOCOL = '/cairn/infer/1';

/** Why a miner refuses or stops. Codes never change; the payer maps them to what its client sees. */
export const INFER_ERROR_CODES = [
  'REQUEST_MALFORMED',
  'REQUEST_FORGED',
  'REQUEST_REPLAYED',
  'MODEL_UNKNOWN',
  'CAPABILITY_MISSING',
  'CONTEXT_TOO_SMALL',
  'BUSY',
  'CHANNEL_UNKNOWN',
  'CHANNEL_NOT_MINE',
  'CHANNEL_CLOSING',
  'VOUCHER_MALFORMED',
  'VOUCHER_FORGED',
  'VOUCHER_REPLAYED',
  'VOUCHER_STALE',
  'VOUCHER_OVERDRAWN',
  'UNPAID',
  'ENGINE_FAILED',
  'SEAL_BROKEN',
  'SEALING_KEY_UNKNOWN',
] as const;
export type InferErrorCode = (typeof INFER_ERROR_CODES)[number];

/** The first frame of a payer. `voucher` is an encoded `SignedVoucher`, `body` an encoded `InferBody`. */
export interface OpenFrame {
  readonly type: 'open';
  /**
   * The payer's encoded `Authorization` of `inferSignBytes`. Vouchers become public when they are claimed, so a
   * voucher alone does not say that its payer asks.
   */
  readonly authorization: Uint8Array;
  readonly voucher: Uint8Array;
  readonly idempotencyKey: string;
  readonly body: Uint8Array;
}

/**
 * The first frame of a payer that seals. In clear is what a provider needs before it spends work on opening: who
 * pays and by which channel, the hash of the body, which has a random salt, and the artifact, which the vouchers
 * name anyway. After it every frame of the provider is a sealed piece, counts and receipt included; vouchers of
 * the payer stay in clear.
 */
export interface SealedOpenFrame extends Omit<OpenFrame, 'type' | 'body'> {
  readonly type: 'sealed-open';
  /** SHA-256 of the encoded `InferBody`. */
  readonly requestHash: Uint8Array;
  /** SHA-256 of the model's artifact. */
  readonly artifact: Uint8Array;
  /** The encoded `InferBody` as `sealRequest` leaves it. */
  readonly sealed: Uint8Array;
}

export type ClientFrame =
  | OpenFrame
  | SealedOpenFrame
  | { readonly type: 'voucher'; readonly voucher: Uint8Array }
  | { readonly type: 'cancel' };

/** The miner's terms for one answer. */
export interface AcceptedFrame {
  readonly type: 'accepted';
  /** Tokens of the prompt; null when the engine cannot tell beforehand. */
  readonly promptTokens: number | null;
  /** Tokens the miner sends beyond what is paid. 0: everything is prepaid. */
  readonly trancheTokens: number;
  /** Tokens the payer pays ahead of those it has received. 0: it pays afterwards. */
  readonly prepayTokens: number;
  /** Signed receipts that the payer's voucher does not know of, oldest first. */
  readonly missed: readonly Uint8Array[];
  /**
   * SHA-256 of the UTF-8 text of the request's prefill. It must be the text that its tokens were sold as: else one
   * of the two providers lies. Absent for a request without prefill.
   */
  readonly prefillHash?: Uint8Array;
  /** As the receipt will state it. Absent: unknown. */
  readonly engineClass?: Uint8Array;
}

export interface DeltaFrame {
  readonly type: 'delta';
  readonly text: string;
  /** How many tokens these are. The length of `tokenIds` where there are ids. */
  readonly tokens: number;
  readonly tokenIds: readonly number[] | null;
  readonly logprobs: readonly TokenLogprob[] | null;
}

export interface UsageFrame {
  readonly type: 'usage';
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
}

export type ServerFrame =
  | AcceptedFrame
  | DeltaFrame
  | UsageFrame
  | { readonly type: 'receipt'; readonly receipt: Uint8Array }
  | { readonly type: 'error'; readonly code: InferErrorCode; readonly message: string };

/** Most receipts told again at the start of an answer. */
export const MAX_MISSED_RECEIPTS = 64;
const MAX_AUTHORIZATION_BYTES = 4 * 1024;
const MAX_VOUCHER_BYTES = 8 * 1024;
const MAX_RECEIPT_BYTES = 8 * 1024;
const MAX_DELTA_TOKENS = 4096;
const MAX_COUNT = 0xffff_ffff;

const openFields = {
  authorization: bytesUpTo(MAX_AUTHORIZATION_BYTES),
  voucher: bytesUpTo(MAX_VOUCHER_BYTES),
  idempotencyKey: textUpTo(128),
};

const clientReader: Reader<ClientFrame> = tagged({
  open: record({ type: oneOf('open'), ...openFields, body: bytesUpTo(MAX_INFER_BODY_BYTES) }),
  'sealed-open': record({
    type: oneOf('sealed-open'),
    ...openFields,
    requestHash: bytesUpTo(32, 32),
    artifact: bytesUpTo(32, 32),
    sealed: bytesUpTo(MAX_SEALED_REQUEST_BYTES, 1),
  }),
  voucher: record({ type: oneOf('voucher'), voucher: bytesUpTo(MAX_VOUCHER_BYTES) }),
  cancel: record({ type: oneOf('cancel') }),
});

const likelyToken = {
  tokenId: wholeUpTo(MAX_COUNT),
  text: textUpTo(1024),
  logprob: numberWithin(-1_000_000_000, 1),
};
const logprobReader: Reader<TokenLogprob> = record({
  ...likelyToken,
  top: listUpTo(record(likelyToken), 20),
});

const serverReader: Reader<ServerFrame> = tagged({
  accepted: recordWith(
    {
      type: oneOf('accepted'),
      promptTokens: nullable(wholeUpTo(MAX_COUNT)),
      trancheTokens: wholeUpTo(1 << 20),
      prepayTokens: wholeUpTo(1 << 20),
      missed: listUpTo(bytesUpTo(MAX_RECEIPT_BYTES), MAX_MISSED_RECEIPTS),
    },
    { prefillHash: bytesUpTo(32, 32), engineClass: bytesUpTo(32, 32) },
  ),
  delta: record({
    type: oneOf('delta'),
    text: textUpTo(1 << 20),
    tokens: wholeUpTo(MAX_DELTA_TOKENS),
    tokenIds: nullable(listUpTo(wholeUpTo(MAX_COUNT), MAX_DELTA_TOKENS)),
    logprobs: nullable(listUpTo(logprobReader, MAX_DELTA_TOKENS)),
  }),
  usage: record({
    type: oneOf('usage'),
    promptTokens: wholeUpTo(MAX_COUNT),
    cachedTokens: wholeUpTo(MAX_COUNT),
    completionTokens: wholeUpTo(MAX_COUNT),
  }),
  receipt: record({ type: oneOf('receipt'), receipt: bytesUpTo(MAX_RECEIPT_BYTES) }),
  error: record({ type: oneOf('error'), code: oneOf(...INFER_ERROR_CODES), message: textUpTo(1000) }),
});

/** The bytes a payer signs to ask: this body, once, on this channel. `requestHash` is the SHA-256 of the body. */
export function inferSignBytes(
  chainId: Uint8Array,
  channel: Uint8Array,
  requestHash: Uint8Array,
  idempotencyKey: string,
): Uint8Array {
  return concatBytes(
    utf8ToBytes('cairn/infer/v1'),
    chainId,
    channel,
    requestHash,
    utf8ToBytes(idempotencyKey),
  );
}

export function encodeFrame(frame: ClientFrame | ServerFrame): Uint8Array {
  return toCbor(frame);
}

/** @throws ProtocolError `FRAME_TOO_LARGE`, `FRAME_MALFORMED` */
export function decodeClientFrame(bytes: Uint8Array): ClientFrame {
  return fromCbor(bytes, MAX_FRAME_BYTES, clientReader);
}

/** @throws ProtocolError `FRAME_TOO_LARGE`, `FRAME_MALFORMED` */
export function decodeServerFrame(bytes: Uint8Array): ServerFrame {
  return readPlainDelta(bytes) ?? fromCbor(bytes, MAX_FRAME_BYTES, serverReader);
}
