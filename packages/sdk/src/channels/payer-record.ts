import {
  account,
  bool,
  bytes32,
  decode,
  encode,
  list,
  optional,
  struct,
  u16,
  u32,
  u64,
  type ValueOf,
} from '@cairn/core';
import { MAX_CHANNEL_ARTIFACTS } from '@cairn/ledger';
import { signedVoucherShape } from '@cairn/protocol';

/** Most unreceipted requests remembered per channel; older ones count as never received. */
export const MAX_UNRECEIPTED = 256;

/** A request that has no receipt yet, with what its answer was worth as far as it came. */
const unreceiptedShape = struct('UnreceiptedRequest', {
  requestHash: bytes32,
  value: u64,
  /** What the payee may have sent beyond what it was paid. */
  tranche: u64,
});

/** What a payer keeps of a channel. Saved before every voucher leaves. */
const payerChannelShape = struct('PayerChannel', {
  channel: bytes32,
  payee: account,
  netuid: u16,
  deposited: u64,
  /** The most that was ever promised: nothing lower is promised except to settle exactly. */
  promised: u64,
  /** The sum of accepted receipts. */
  settled: u64,
  /** `settled` by artifact, ascending. */
  totals: list(struct('ArtifactTotal', { artifact: bytes32, amount: u64 }), MAX_CHANNEL_ARTIFACTS),
  lastReceipt: bytes32,
  receipts: u32,
  /** Paid for tokens that the payee says were sent and that never came. Bounded by one tranche. */
  forgiven: u64,
  /** The payee showed a receipt that cannot be right: nothing more is paid here. */
  disputed: bool,
  lastVoucher: optional(signedVoucherShape),
  unreceipted: list(unreceiptedShape, MAX_UNRECEIPTED),
});
export type PayerChannelRecord = ValueOf<typeof payerChannelShape>;

export const PAYER_CHANNELS = 'payer/channel/';
export const PAYER_RECEIPTS = 'payer/receipt/';
/** Providers' receipts behind those of a hub. */
export const PAYER_BOUGHT = 'payer/bought/';

export function encodePayerChannel(record: PayerChannelRecord): Uint8Array {
  return encode(payerChannelShape, record);
}

/** @throws CoreError `CODEC_MALFORMED` */
export function decodePayerChannel(bytes: Uint8Array): PayerChannelRecord {
  return decode(payerChannelShape, bytes);
}

/** A channel on which nothing was promised yet. */
export function newPayerChannel(
  channel: Uint8Array,
  payee: Uint8Array,
  netuid: number,
  deposited: bigint,
): PayerChannelRecord {
  return {
    channel,
    payee,
    netuid,
    deposited,
    promised: 0n,
    settled: 0n,
    totals: [],
    lastReceipt: new Uint8Array(32),
    receipts: 0,
    forgiven: 0n,
    disputed: false,
    lastVoucher: null,
    unreceipted: [],
  };
}
