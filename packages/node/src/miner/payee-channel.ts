import {
  type AccountId,
  areBytesEqual,
  authorize,
  bytesToHex,
  type Crypto,
  compareBytes,
  decode,
  encode,
  formatAmount,
  type Signer,
} from '@cairn/core';
import {
  areTotalsSound,
  type Channel,
  isVoucherSignedBy,
  MAX_CHANNEL_ARTIFACTS,
  type Price,
  priceOf,
} from '@cairn/ledger';
import {
  MAX_MISSED_RECEIPTS,
  type Receipt,
  type RecordStore,
  receiptId,
  receiptSignBytes,
  type SignedVoucher,
  signedReceiptShape,
  signedVoucherShape,
} from '@cairn/protocol';
import {
  encodePayeeChannel,
  PAYEE_CHANNELS,
  PAYEE_RECEIPTS,
  type PayeeChannelRecord,
} from './payee-record.ts';
import { Refusal } from './refusal.ts';

export interface PayeeChannelParts {
  readonly crypto: Crypto;
  readonly chainId: Uint8Array;
  readonly signer: Signer;
  readonly records: RecordStore;
  /** The channel on the ledger, as fresh as it needs to be to hold `cumulative`. */
  readonly findChannel: (cumulative: bigint) => Promise<Channel | null>;
  readonly payee: AccountId;
}

/** The answer a receipt is for; the channel's books add the rest. */
export type ReceiptDraft = Omit<
  Receipt,
  'channel' | 'payer' | 'provider' | 'price' | 'cumulative' | 'previousReceipt'
>;

export interface EarningOptions {
  readonly price: Price;
  readonly artifact: Uint8Array;
  readonly promptTokens: number;
  /** Tokens sent beyond what is paid, for a payer that has earned it. */
  readonly trancheTokens: number;
}

/** The money side of one answer. */
export interface Earning {
  /** Resolves when `tokens` in all may be sent; false when the answer was ended while waiting. */
  waitForCover(tokens: number): Promise<boolean>;
  /** Tokens sent so far. */
  sent(tokens: number): void;
  /** Most of the sent tokens that are paid for. */
  coveredTokens(): number;
  /** Ends waiting. */
  end(): void;
  /** Signs the receipt, on disk before it is returned. */
  finish(draft: ReceiptDraft): Promise<Uint8Array>;
  /** Ends without a receipt. */
  drop(): void;
}

export interface PayeeChannel {
  readonly record: PayeeChannelRecord;
  /** Takes a payer's voucher. @throws Refusal `VOUCHER_…`, `CHANNEL_…` */
  take(bytes: Uint8Array, options: { readonly isOpening: boolean }): Promise<void>;
  /** Signed receipts after the one a voucher names. */
  missed(): readonly Uint8Array[];
  earn(options: EarningOptions): Earning;
  /** The payer left owing: it pays ahead from now on. */
  distrust(): Promise<void>;
  /** The claim due, or null. */
  due(): SignedVoucher | null;
  claimed(voucher: SignedVoucher): Promise<void>;
}

interface OpenEarning extends EarningOptions {
  tokens: number;
}

/** The books of one channel on the miner's side. */
export function createPayeeChannel(parts: PayeeChannelParts, initial: PayeeChannelRecord): PayeeChannel {
  const { crypto, chainId } = parts;
  const hex = bytesToHex(initial.channel);
  let record = initial;
  const inFlight = new Set<OpenEarning>();
  let waiting: (() => void)[] = [];
  let turn: Promise<unknown> = Promise.resolve();

  /** One after another: receipts form a chain. */
  function inTurn<T>(action: () => Promise<T>): Promise<T> {
    const mine = turn.then(action);
    turn = mine.catch(() => undefined);
    return mine;
  }

  function wake(): void {
    const woken = waiting;
    waiting = [];
    for (const resume of woken) resume();
  }

  function save(): Promise<void> {
    return parts.records.set(PAYEE_CHANNELS + hex, encodePayeeChannel(record));
  }

  function worthOf({ price, promptTokens, tokens }: OpenEarning, atTokens = tokens): bigint {
    return atTokens === 0 ? 0n : priceOf(price, promptTokens, 0, atTokens);
  }

  function owed(except?: OpenEarning): bigint {
    let sum = record.settled;
    for (const earning of inFlight) if (earning !== except) sum += worthOf(earning);
    return sum;
  }

  const paid = () => record.highest?.voucher.cumulative ?? 0n;

  function allowance(): bigint {
    if (!record.isTrusted) return 0n;
    let most = 0n;
    for (const earning of inFlight) {
      const tranche = priceOf(earning.price, earning.promptTokens, 0, earning.trancheTokens);
      if (tranche > most) most = tranche;
    }
    return most;
  }

  async function check(signed: SignedVoucher, isOpening: boolean): Promise<void> {
    const { voucher } = signed;
    const channel = await parts.findChannel(voucher.cumulative);
    if (channel === null)
      throw new Refusal('CHANNEL_UNKNOWN', `There is no channel ${hex} on this chain. Open one.`);
    if (!areBytesEqual(channel.payee, parts.payee)) {
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
    if (!isVoucherSignedBy(crypto, chainId, voucher, signed.authorization, channel.payer)) {
      throw new Refusal(
        'VOUCHER_FORGED',
        `The payer of channel ${hex} did not sign this voucher for this chain.`,
      );
    }
    checkPlace(signed, isOpening);
  }

  function isSettlement({ voucher }: SignedVoucher): boolean {
    return voucher.cumulative === record.settled && areBytesEqual(voucher.lastReceipt, record.lastReceipt);
  }

  function checkPlace(signed: SignedVoucher, isOpening: boolean): void {
    const { voucher } = signed;
    const isKnown =
      areBytesEqual(voucher.lastReceipt, record.countersigned) ||
      record.outstanding.some(({ receipt }) =>
        areBytesEqual(receiptId(crypto, receipt), voucher.lastReceipt),
      );
    if (!isKnown) {
      throw new Refusal(
        'VOUCHER_STALE',
        `This voucher on channel ${hex} countersigns a receipt that is not among the last ones.`,
      );
    }
    const isAgain = isOpening && voucher.cumulative === paid();
    if (voucher.cumulative < paid() && !isSettlement(signed)) {
      throw new Refusal(
        'VOUCHER_REPLAYED',
        `Channel ${hex} was promised ${formatAmount(paid())} CAIRN before; this voucher promises ${formatAmount(voucher.cumulative)}.`,
      );
    }
    const claimed = record.claimable?.voucher.totals ?? [];
    const falls = claimed.some(
      ({ artifact, amount }) =>
        !voucher.totals.some((next) => areBytesEqual(next.artifact, artifact) && next.amount >= amount),
    );
    if (falls && !isAgain) {
      throw new Refusal(
        'VOUCHER_MALFORMED',
        `A total of this voucher on channel ${hex} falls below an earlier one.`,
      );
    }
  }

  function countersign(id: Uint8Array): void {
    const at = record.outstanding.findIndex(({ receipt }) => areBytesEqual(receiptId(crypto, receipt), id));
    if (at < 0) return;
    record = { ...record, countersigned: id, outstanding: record.outstanding.slice(at + 1) };
  }

  /** The highest voucher becomes the one to claim once receipts reach it. */
  function promote(): void {
    const { highest, claimable, settled } = record;
    if (highest === null || highest.voucher.cumulative > settled) return;
    if (claimable === null || highest.voucher.cumulative >= claimable.voucher.cumulative) {
      record = { ...record, claimable: highest };
    }
  }

  function addTotal(artifact: Uint8Array, amount: bigint): PayeeChannelRecord['totals'] {
    if (amount === 0n) return record.totals;
    const at = record.totals.findIndex((total) => areBytesEqual(total.artifact, artifact));
    if (at >= 0)
      return record.totals.with(at, { artifact, amount: (record.totals[at]?.amount ?? 0n) + amount });
    return [...record.totals, { artifact, amount }].sort((one, other) =>
      compareBytes(one.artifact, other.artifact),
    );
  }

  function earn(options: EarningOptions): Earning {
    if (
      record.totals.length >= MAX_CHANNEL_ARTIFACTS &&
      !record.totals.some((total) => areBytesEqual(total.artifact, options.artifact))
    ) {
      throw new Refusal(
        'CHANNEL_CLOSING',
        `Channel ${hex} has paid for ${MAX_CHANNEL_ARTIFACTS} models already. Open another one.`,
      );
    }
    const mine: OpenEarning = { ...options, tokens: 0 };
    inFlight.add(mine);
    let isEnded = false;
    const leave = () => {
      inFlight.delete(mine);
      wake();
    };
    return {
      async waitForCover(tokens) {
        while (!isEnded && owed(mine) + worthOf(mine, tokens) > paid() + allowance()) {
          await new Promise<void>((resolve) => waiting.push(resolve));
        }
        return !isEnded;
      },
      sent(tokens) {
        mine.tokens = tokens;
      },
      coveredTokens() {
        const room = paid() - owed(mine);
        let tokens = mine.tokens;
        while (tokens > 0 && worthOf(mine, tokens) > room) tokens -= 1;
        return tokens;
      },
      end() {
        isEnded = true;
        wake();
      },
      drop: leave,
      finish: (draft) =>
        inTurn(async () => {
          const price = priceOf(
            options.price,
            draft.promptTokens,
            draft.cachedTokens,
            draft.completionTokens,
          );
          const receipt: Receipt = {
            ...draft,
            channel: record.channel,
            payer: record.payer,
            provider: parts.payee,
            price,
            cumulative: record.settled + price,
            previousReceipt: record.lastReceipt,
          };
          const signed = {
            receipt,
            authorization: await authorize(parts.signer, receiptSignBytes(chainId, receipt)),
          };
          const id = receiptId(crypto, receipt);
          record = {
            ...record,
            settled: receipt.cumulative,
            totals: addTotal(receipt.artifact, price),
            lastReceipt: id,
            outstanding: [...record.outstanding, signed],
          };
          promote();
          leave();
          const bytes = encode(signedReceiptShape, signed);
          await Promise.all([parts.records.set(PAYEE_RECEIPTS + bytesToHex(id), bytes), save()]);
          return bytes;
        }),
    };
  }

  return {
    get record() {
      return record;
    },
    async take(bytes, { isOpening }) {
      const signed = openVoucher(bytes);
      await check(signed, isOpening);
      countersign(signed.voucher.lastReceipt);
      const isExact = isSettlement(signed) && areTotalsEqual(signed.voucher.totals, record.totals);
      if (isExact)
        record = { ...record, claimable: signed, isTrusted: record.isTrusted || record.settled > 0n };
      if (signed.voucher.cumulative >= paid()) record = { ...record, highest: signed };
      promote();
      await save();
      wake();
    },
    missed: () => record.outstanding.map((signed) => encode(signedReceiptShape, signed)),
    earn(options) {
      if (record.outstanding.length + inFlight.size >= MAX_MISSED_RECEIPTS) {
        throw new Refusal(
          'UNPAID',
          `Channel ${hex} has ${record.outstanding.length} receipts without a countersignature. Send a voucher that names the last.`,
        );
      }
      return earn(options);
    },
    async distrust() {
      if (!record.isTrusted) return;
      record = { ...record, isTrusted: false };
      await save();
    },
    due() {
      const { claimable, claimed } = record;
      return claimable !== null && claimable.voucher.cumulative > claimed ? claimable : null;
    },
    async claimed({ voucher }) {
      record = { ...record, claimed: voucher.cumulative };
      await save();
    },
  };
}

/** @throws Refusal `VOUCHER_MALFORMED` */
export function openVoucher(bytes: Uint8Array): SignedVoucher {
  try {
    return decode(signedVoucherShape, bytes);
  } catch (cause) {
    throw new Refusal('VOUCHER_MALFORMED', 'This is not a signed voucher.', { cause });
  }
}

function areTotalsEqual(one: PayeeChannelRecord['totals'], other: PayeeChannelRecord['totals']): boolean {
  return (
    one.length === other.length &&
    one.every(
      ({ artifact, amount }, index) =>
        amount === other[index]?.amount && areBytesEqual(artifact, other[index].artifact),
    )
  );
}
