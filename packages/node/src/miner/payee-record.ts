import {
  account,
  bool,
  bytes32,
  decode,
  encode,
  list,
  optional,
  struct,
  u64,
  type ValueOf,
} from '@cairn/core';
import { MAX_CHANNEL_ARTIFACTS } from '@cairn/ledger';
import { MAX_MISSED_RECEIPTS, signedReceiptShape, signedVoucherShape } from '@cairn/protocol';

/** What a miner keeps of a channel. Saved before a voucher counts and before a receipt leaves. */
const payeeChannelShape = struct('PayeeChannel', {
  channel: bytes32,
  payer: account,
  /** The voucher that promises most. */
  highest: optional(signedVoucherShape),
  /** The voucher to claim: the newest one that promises no more than the receipts add up to. */
  claimable: optional(signedVoucherShape),
  /** Sum of all receipts. */
  settled: u64,
  totals: list(struct('ArtifactTotal', { artifact: bytes32, amount: u64 }), MAX_CHANNEL_ARTIFACTS),
  lastReceipt: bytes32,
  /** The newest receipt that the payer has countersigned. */
  countersigned: bytes32,
  /** Receipts after it, oldest first. */
  outstanding: list(signedReceiptShape, MAX_MISSED_RECEIPTS),
  /** Pebbles the ledger has paid out. */
  claimed: u64,
  /** The payer has settled an answer and owed nothing since: it may pay afterwards. */
  isTrusted: bool,
});
export type PayeeChannelRecord = ValueOf<typeof payeeChannelShape>;

export const PAYEE_CHANNELS = 'payee/channel/';
export const PAYEE_RECEIPTS = 'payee/receipt/';

export function encodePayeeChannel(record: PayeeChannelRecord): Uint8Array {
  return encode(payeeChannelShape, record);
}

/** @throws CoreError `CODEC_MALFORMED` */
export function decodePayeeChannel(bytes: Uint8Array): PayeeChannelRecord {
  return decode(payeeChannelShape, bytes);
}

export function newPayeeChannel(channel: Uint8Array, payer: Uint8Array): PayeeChannelRecord {
  const none = new Uint8Array(32);
  return {
    channel,
    payer,
    highest: null,
    claimable: null,
    settled: 0n,
    totals: [],
    lastReceipt: none,
    countersigned: none,
    outstanding: [],
    claimed: 0n,
    isTrusted: false,
  };
}
