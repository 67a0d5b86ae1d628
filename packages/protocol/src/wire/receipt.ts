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

/** The id of a receipt, which the next voucher countersigns. */
export function receiptId(crypto: Crypto, receipt: Receipt): Uint8Array {
  return crypto.sha256(encode(receiptShape, receipt));
}

/** The bytes a provider signs. */
export function receiptSignBytes(chainId: Uint8Array, receipt: Receipt): Uint8Array {
  return concatBytes(utf8ToBytes('cairn/receipt/v1'), chainId, encode(receiptShape, receipt));
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
