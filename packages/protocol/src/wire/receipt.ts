import {
  type AccountId,
  type Authorization,
  account,
  areBytesEqual,
  authorizationAccount,
  authorizationShape,
  bytes32,
  type Crypto,
  choice,
  concatBytes,
  decode,
  encode,
  optional,
  struct,
  u8,
  u32,
  u64,
  utf8ToBytes,
  type ValueOf,
  verifyAuthorization,
} from '@cairn/core';
import { isVoucherSignedBy, voucherShape } from '@cairn/ledger';

/** `unpaid`: the payer stopped paying. `failed`: the engine or the stream broke in the middle. */
export const RECEIPT_FINISH_REASONS = ['stop', 'length', 'cancelled', 'unpaid', 'failed'] as const;

/** What a miner says it did and is owed for one answer. */
export const receiptShape = struct('Receipt', {
  channel: bytes32,
  payer: account,
  provider: account,
  /** Hash of the request body in clear, which has a salt. */
  requestHash: bytes32,
  /** Hash of the UTF-8 text of the answer, salted like the request. */
  responseHash: bytes32,
  artifact: bytes32,
  /** Id of the model's card. */
  model: bytes32,
  paramsHash: bytes32,
  /** Null when the engine exposes none. */
  samplerSeed: optional(u32),
  /**
   * Names what decides how the sums of the engine round; zero: unknown. Two parts of one answer with the same one are
   * token for token what either would have given alone, at temperature 0 or with a seed.
   */
  engineClass: bytes32,
  promptTokens: u32,
  cachedTokens: u32,
  completionTokens: u32,
  /** Root over the emitted token ids; zero when the engine exposes none. */
  tokenIdsRoot: bytes32,
  /** Root over their log probabilities; zero when none were asked for. */
  logprobRoot: bytes32,
  ttftMs: u32,
  durationMs: u32,
  /** Pebbles for this answer. */
  price: u64,
  /** Pebbles owed on the channel with this answer: the sum of all receipts so far. */
  cumulative: u64,
  /** Id of the receipt before this one on the channel; zero for the first. */
  previousReceipt: bytes32,
  finishReason: choice('finish reason', RECEIPT_FINISH_REASONS, u8),
  tier: u8,
});
export type Receipt = ValueOf<typeof receiptShape>;
export type ReceiptFinishReason = Receipt['finishReason'];

export const signedReceiptShape = struct('SignedReceipt', {
  receipt: receiptShape,
  /** The provider's. */
  authorization: authorizationShape,
});
export type SignedReceipt = ValueOf<typeof signedReceiptShape>;

export const signedVoucherShape = struct('SignedVoucher', {
  voucher: voucherShape,
  /** The payer's. */
  authorization: authorizationShape,
});
export type SignedVoucher = ValueOf<typeof signedVoucherShape>;

/** A receipt, and the payer's voucher that names it: both have signed that the answer came. */
export const countersignedReceiptShape = struct('CountersignedReceipt', {
  signed: signedReceiptShape,
  voucher: signedVoucherShape,
});
export type CountersignedReceipt = ValueOf<typeof countersignedReceiptShape>;

/** Bytes of receipts that were made or read here: each is signed, named and kept by the same ones. */
const encodings = new WeakMap<Receipt, Uint8Array>();

function encodeReceipt(receipt: Receipt): Uint8Array {
  const known = encodings.get(receipt);
  if (known !== undefined) return known;
  const bytes = encode(receiptShape, receipt);
  encodings.set(receipt, bytes);
  return bytes;
}

/** Where the two parts of a signed receipt begin, which its first bytes tell. */
const PARTS_AT = 8;
const U32_BYTES = 4;
/** Where `previousReceipt` stands in a receipt: behind what has a fixed size. */
const PREVIOUS_AT = 5 * 32 + 2 * 32 + 32 + U32_BYTES + 32 + 3 * U32_BYTES + 2 * 32 + 2 * U32_BYTES + 2 * 8;

/** @throws CoreError `CODEC_MALFORMED`, `CODEC_NOT_CANONICAL` */
export function decodeSignedReceipt(bytes: Uint8Array): SignedReceipt {
  const signed = decode(signedReceiptShape, bytes);
  // What is read strictly has one encoding, so the part of it is the receipt's.
  const endAt = new DataView(bytes.buffer, bytes.byteOffset).getUint32(U32_BYTES, true);
  encodings.set(signed.receipt, bytes.slice(PARTS_AT, endAt));
  return signed;
}

/**
 * The receipt that the one in these bytes follows, without reading the rest: most of those that are told again are
 * known. Null for bytes that are too short to hold one.
 */
export function previousReceiptOf(bytes: Uint8Array): Uint8Array | null {
  const at = PARTS_AT + PREVIOUS_AT;
  return bytes.length < at + 32 ? null : bytes.subarray(at, at + 32);
}

/** The id of a receipt, which the next voucher countersigns. */
export function receiptId(crypto: Crypto, receipt: Receipt): Uint8Array {
  return crypto.sha256(encodeReceipt(receipt));
}

/** The bytes a provider signs. */
export function receiptSignBytes(chainId: Uint8Array, receipt: Receipt): Uint8Array {
  return concatBytes(utf8ToBytes('cairn/receipt/v1'), chainId, encodeReceipt(receipt));
}

/** True when `provider` signed this receipt on this chain and the receipt names it. */
export function verifyReceipt(
  crypto: Crypto,
  chainId: Uint8Array,
  { receipt, authorization }: { readonly receipt: Receipt; readonly authorization: Authorization },
  provider: AccountId,
): boolean {
  return (
    areBytesEqual(receipt.provider, provider) &&
    areBytesEqual(authorizationAccount(crypto, authorization), provider) &&
    verifyAuthorization(crypto, authorization, receiptSignBytes(chainId, receipt))
  );
}

/**
 * True when `provider` signed the receipt for an answer to `payer`, and one of the payer's keys signed a voucher of
 * its channel that names this very receipt. A voucher that names a later one says nothing of the answers before.
 *
 * @param keys accounts of the keys that speak for the payer.
 */
export function verifyCountersigned(
  crypto: Crypto,
  chainId: Uint8Array,
  { signed, voucher: { voucher, authorization } }: CountersignedReceipt,
  { provider, payer, keys }: CountersigningParties,
): boolean {
  const { receipt } = signed;
  return (
    areBytesEqual(receipt.payer, payer) &&
    areBytesEqual(voucher.channel, receipt.channel) &&
    areBytesEqual(voucher.lastReceipt, receiptId(crypto, receipt)) &&
    verifyReceipt(crypto, chainId, signed, provider) &&
    isVoucherSignedBy(crypto, chainId, voucher, authorization, keys)
  );
}

export interface CountersigningParties {
  readonly provider: AccountId;
  readonly payer: AccountId;
  readonly keys: readonly AccountId[];
}
