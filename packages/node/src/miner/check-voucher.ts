import { areBytesEqual, bytesToHex, type Crypto, decode, formatAmount } from '@cairn/core';
import { areTotalsSound, isVoucherSignedBy } from '@cairn/ledger';
import { doTotalsGrow, receiptId, type SignedVoucher, signedVoucherShape } from '@cairn/protocol';
import type { FoundChannel } from '@cairn/sdk';
import type { PayeeChannelRecord } from './payee-record.ts';
import { Refusal } from './refusal.ts';

/** @throws Refusal `VOUCHER_MALFORMED` */
export function openVoucher(bytes: Uint8Array): SignedVoucher {
  try {
    return decode(signedVoucherShape, bytes);
  } catch (cause) {
    throw new Refusal('VOUCHER_MALFORMED', 'This is not a signed voucher.', { cause });
  }
}

/** Checks a voucher against its channel on the ledger. @throws Refusal `CHANNEL_…`, `VOUCHER_…` */
export function checkVoucher(
  crypto: Crypto,
  chainId: Uint8Array,
  payee: Uint8Array,
  { voucher, authorization }: SignedVoucher,
  channel: FoundChannel | null,
): void {
  const hex = bytesToHex(voucher.channel);
  if (channel === null)
    throw new Refusal('CHANNEL_UNKNOWN', `There is no channel ${hex} on this chain. Open one.`);
  if (!areBytesEqual(channel.payee, payee)) {
    throw new Refusal('CHANNEL_NOT_MINE', `Channel ${hex} pays another provider.`);
  }
  if (channel.finalAt !== 0n)
    throw new Refusal('CHANNEL_CLOSING', `Channel ${hex} is closing. Open another one.`);
  if (!areTotalsSound(voucher)) {
    throw new Refusal('VOUCHER_MALFORMED', `The totals of this voucher on channel ${hex} do not add up.`);
  }
  if (voucher.cumulative > channel.deposited) {
    throw new Refusal(
      'VOUCHER_OVERDRAWN',
      `This voucher promises ${formatAmount(voucher.cumulative)} CAIRN, channel ${hex} holds ${formatAmount(channel.deposited)}. Top it up.`,
    );
  }
  if (!isVoucherSignedBy(crypto, chainId, voucher, authorization, [channel.payerKey])) {
    throw new Refusal(
      'VOUCHER_FORGED',
      `The payer of channel ${hex} did not sign this voucher for this chain.`,
    );
  }
}

/** True when a voucher promises exactly the sum of all receipts and countersigns the last. */
export function isSettlement({ voucher }: SignedVoucher, record: PayeeChannelRecord): boolean {
  return voucher.cumulative === record.settled && areBytesEqual(voucher.lastReceipt, record.lastReceipt);
}

/** Checks a voucher against those before it. @throws Refusal `VOUCHER_STALE`, `VOUCHER_REPLAYED`, `VOUCHER_MALFORMED` */
export function checkPlace(
  crypto: Crypto,
  signed: SignedVoucher,
  record: PayeeChannelRecord,
  isOpening: boolean,
): void {
  const { voucher } = signed;
  const hex = bytesToHex(record.channel);
  const paid = record.highest?.voucher.cumulative ?? 0n;
  const isKnown =
    areBytesEqual(voucher.lastReceipt, record.countersigned) ||
    record.outstanding.some(({ receipt }) => areBytesEqual(receiptId(crypto, receipt), voucher.lastReceipt));
  if (!isKnown) {
    throw new Refusal(
      'VOUCHER_STALE',
      `This voucher on channel ${hex} countersigns a receipt that is not among the last ones.`,
    );
  }
  if (voucher.cumulative < paid && !isSettlement(signed, record)) {
    throw new Refusal(
      'VOUCHER_REPLAYED',
      `Channel ${hex} was promised ${formatAmount(paid)} CAIRN before; this voucher promises ${formatAmount(voucher.cumulative)}.`,
    );
  }
  // Told again, it covers nothing that the voucher to claim does not.
  const isAgain =
    isOpening &&
    voucher.cumulative === paid &&
    voucher.cumulative <= (record.claimable?.voucher.cumulative ?? 0n);
  if (!isAgain && !doTotalsGrow(record.claimable?.voucher.totals ?? [], voucher.totals)) {
    throw new Refusal(
      'VOUCHER_MALFORMED',
      `A total of this voucher on channel ${hex} falls below an earlier one.`,
    );
  }
}
