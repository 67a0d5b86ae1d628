import {
  type AccountId,
  areBytesEqual,
  authorize,
  bytesToHex,
  type Clock,
  type Crypto,
  encode,
  type Signer,
} from '@cairn/core';
import { priceOf } from '@cairn/ledger';
import {
  addToTotals,
  areTotalsEqual,
  doTotalsGrow,
  MAX_MISSED_RECEIPTS,
  NO_ROOT,
  type Receipt,
  type RecordStore,
  receiptId,
  receiptSignBytes,
  type SignedReceipt,
  type SignedVoucher,
  signedReceiptShape,
} from '@cairn/protocol';
import type { FoundChannel, SoldAs } from '@cairn/sdk';
import { checkPlace, checkVoucher, isSettlement, openVoucher } from './check-voucher.ts';
import type { Earning, EarningOptions, PayeeChannel } from './earning.ts';
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
  readonly findChannel: (cumulative: bigint) => Promise<FoundChannel | null>;
  readonly payee: AccountId;
  /** What vouchers must count an answer as. */
  readonly soldAs: SoldAs;
  readonly clock: Clock;
  /** Keeps a receipt with the voucher that names it. */
  readonly onCountersigned: (signed: SignedReceipt, voucher: SignedVoucher) => Promise<void>;
}

/** Streams of one channel may overtake each other for this long. */
const LATE_MS = 10_000;
const MOST_REMEMBERED = 256;

interface OpenEarning extends EarningOptions {
  /** As its payer was told: distrust that comes later is for the answers after. */
  readonly isTrusted: boolean;
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
  /** Receipts countersigned lately: vouchers signed before may still be on their way on other streams. */
  const remembered = new Set<string>();
  let lateUntilMs = 0;

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
    let most = 0n;
    for (const earning of inFlight) {
      if (!earning.isTrusted) continue;
      const tranche = priceOf(earning.price, earning.promptTokens, 0, earning.trancheTokens);
      if (tranche > most) most = tranche;
    }
    return most;
  }

  /**
   * A voucher that others overtook. It changes nothing: what it promises is less than what is held, and the
   * request itself is signed.
   */
  function isLate({ voucher }: SignedVoucher): boolean {
    return (
      parts.clock.nowMs() < lateUntilMs &&
      voucher.cumulative <= paid() &&
      (areBytesEqual(voucher.lastReceipt, record.countersigned) ||
        remembered.has(bytesToHex(voucher.lastReceipt)))
    );
  }

  function expectLateOnes(): void {
    lateUntilMs = parts.clock.nowMs() + LATE_MS;
  }

  async function countersign(voucher: SignedVoucher): Promise<void> {
    const id = voucher.voucher.lastReceipt;
    const at = record.outstanding.findIndex(({ receipt }) => areBytesEqual(receiptId(crypto, receipt), id));
    const signed = record.outstanding[at];
    if (signed === undefined) return;
    for (const passed of [
      record.countersigned,
      ...record.outstanding.slice(0, at).map(({ receipt }) => receiptId(crypto, receipt)),
    ]) {
      remembered.add(bytesToHex(passed));
    }
    for (const oldest of remembered) {
      if (remembered.size <= MOST_REMEMBERED) break;
      remembered.delete(oldest);
    }
    record = { ...record, countersigned: id, outstanding: record.outstanding.slice(at + 1) };
    await parts.onCountersigned(signed, voucher);
  }

  /**
   * The highest voucher becomes the one to claim once receipts reach it in sum and for each artifact. What was
   * claimed for an artifact can never fall, so a claim beyond its receipts would bar the settlement after it.
   */
  function promote(): void {
    const { highest, claimable, totals, settled } = record;
    if (highest === null || highest.voucher.cumulative > settled) return;
    if (!doTotalsGrow(highest.voucher.totals, totals)) return;
    if (!doTotalsGrow(claimable?.voucher.totals ?? [], highest.voucher.totals)) return;
    if (highest.voucher.cumulative >= (claimable?.voucher.cumulative ?? 0n)) {
      record = { ...record, claimable: highest };
    }
  }

  function earn(options: EarningOptions): Earning {
    if (addToTotals(record.totals, 1n, parts.soldAs(crypto, options)) === null) {
      throw new Refusal(
        'CHANNEL_CLOSING',
        `Channel ${hex} has paid for ${record.totals.length} models, which is all it can. Open another one.`,
      );
    }
    const isTrusted = options.isTrusted ?? record.isTrusted;
    const mine: OpenEarning = { ...options, isTrusted, tokens: 0 };
    inFlight.add(mine);
    if (inFlight.size > 1) expectLateOnes();
    let isEnded = false;
    const leave = () => {
      inFlight.delete(mine);
      expectLateOnes();
      wake();
    };
    const waitForCover = async (tokens: number, onCovered = () => {}) => {
      while (!isEnded && owed(mine) + worthOf(mine, tokens) > paid() + allowance()) {
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      if (!isEnded) onCovered();
      return !isEnded;
    };
    return {
      isTrusted,
      waitForCover: (tokens) => waitForCover(tokens),
      takeCover: (tokens) =>
        waitForCover(tokens, () => {
          mine.tokens = tokens;
        }),
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
            engineClass: draft.engineClass ?? NO_ROOT,
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
            totals: addToTotals(record.totals, price, parts.soldAs(crypto, receipt)) ?? record.totals,
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
    payerKey: async () => (await parts.findChannel(0n))?.payerKey ?? null,
    async take(bytes, { isOpening }) {
      const signed = openVoucher(bytes);
      const channel = await parts.findChannel(signed.voucher.cumulative);
      checkVoucher(crypto, chainId, parts.payee, signed, channel);
      if (isLate(signed) && !isSettlement(signed, record)) return;
      checkPlace(crypto, signed, record, isOpening);
      const kept = countersign(signed);
      const isExact = isSettlement(signed, record) && areTotalsEqual(signed.voucher.totals, record.totals);
      if (isExact)
        record = { ...record, claimable: signed, isTrusted: record.isTrusted || record.settled > 0n };
      const isClaimableNext = doTotalsGrow(record.claimable?.voucher.totals ?? [], signed.voucher.totals);
      if (isClaimableNext && signed.voucher.cumulative >= paid()) record = { ...record, highest: signed };
      promote();
      await Promise.all([kept, save()]);
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
    due(isClosing = false) {
      const { claimable, claimed, highest, settled } = record;
      const isOwed = settled > (claimable?.voucher.cumulative ?? 0n);
      const best = isClosing && isOwed ? (highest ?? claimable) : claimable;
      return best !== null && best.voucher.cumulative > claimed ? best : null;
    },
    async claimed({ voucher }) {
      record = { ...record, claimed: voucher.cumulative };
      await save();
    },
  };
}
