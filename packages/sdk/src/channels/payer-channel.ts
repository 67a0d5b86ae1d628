import { areBytesEqual, authorizationShape, authorize, bytesToHex, encode } from '@cairn/core';
import { type Voucher, voucherSignBytes } from '@cairn/ledger';
import {
  type ArtifactTotals,
  addToTotals,
  inferSignBytes,
  MAX_MISSED_RECEIPTS,
  NO_ROOT,
  previousReceiptOf,
  receiptId,
  type SignedReceipt,
  signedReceiptShape,
} from '@cairn/protocol';
import { larger } from '../larger.ts';
import { channelDisputed, channelFull } from './channel-errors.ts';
import {
  checkReceipt,
  decodeReceipt,
  type ExpectedAnswer,
  type ExpectedCounts,
  openReceipt,
  receiptRefused,
} from './check-receipt.ts';
import { checkTerms } from './check-terms.ts';
import { createOpenPayments } from './open-payments.ts';
import type { PayerChannelParts } from './payer-channel-parts.ts';
import {
  encodePayerChannel,
  MAX_UNRECEIPTED,
  PAYER_CHANNELS,
  PAYER_RECEIPTS,
  type PayerChannelRecord,
} from './payer-record.ts';
import type { AnswerAsSeen, OpenPayment, PayerChannel, Payment, TakenReceipt } from './payment.ts';
import { describe } from './payment-worth.ts';
import { createRounds } from './rounds.ts';
import { rememberSold, type Sold } from './sold-as.ts';
import { asSent, type SentVoucher, type SharedVoucher, shareVoucher, type Wish } from './voucher-wish.ts';
import { createWriteQueue } from './write-queue.ts';

/** Longest that a payee waits for the voucher that settles an answer. */
const SETTLE_WITHIN_MS = 10;

/** The books of one channel on the payer's side. */
export function createPayerChannel(parts: PayerChannelParts, initial: PayerChannelRecord): PayerChannel {
  const { crypto, chainId } = parts;
  const parties = { crypto, chainId, channel: initial.channel, payer: parts.payer, payee: initial.payee };
  const hex = bytesToHex(initial.channel);
  let record = initial;
  const inFlight = createOpenPayments();
  /** Receipts taken whose voucher is on its way. */
  let uncountersigned = 0;
  /** The newest voucher that is on disk. */
  let standing = initial.lastVoucher === null ? null : asSent(initial.lastVoucher);
  /** The receipt that vouchers name: the newest one whose answer came. */
  let named = initial.lastVoucher?.voucher.lastReceipt ?? new Uint8Array(32);
  /** Receipts whose predecessor is on its way on another stream, by the id of that predecessor. */
  const early = new Map<string, { readonly signed: SignedReceipt; readonly isReceived: boolean }>();
  const writes = createWriteQueue(parts.records);
  const soldAs = rememberSold(crypto, parts.soldAs);

  function addTotal(amount: bigint, sold: Sold): ArtifactTotals {
    const totals = addToTotals(record.totals, amount, soldAs(sold));
    if (totals === null) throw channelFull(hex, record.totals.length);
    return totals;
  }

  /** @param underWay pebbles for answers that have no receipt yet */
  function owed(underWay: bigint): bigint {
    let sum = record.settled + underWay;
    for (const { signed } of early.values()) sum += signed.receipt.price;
    return sum;
  }

  const inRound = createRounds<Wish, Uint8Array | null>((wishes) => {
    const { left, wanted } = shareVoucher(wishes);
    return { left, done: write(wanted) };
  }, parts.timer);
  const save = () => inRound('save');

  async function write(wanted: SharedVoucher | null): Promise<Uint8Array | null> {
    // More than is in the channel: whoever wants it fills the channel first.
    const fits = wanted !== null && wanted.cumulative <= record.deposited;
    const sent = fits ? await signVoucher(wanted.cumulative, wanted.sold) : null;
    const unreceipted = [...record.unreceipted, ...inFlight.describe()].slice(-MAX_UNRECEIPTED);
    writes.add(PAYER_CHANNELS + hex, encodePayerChannel({ ...record, unreceipted }));
    await writes.flush();
    // Others may send it again from now on.
    if (sent !== null) standing = sent;
    return sent?.bytes ?? null;
  }

  async function signVoucher(cumulative: bigint, sold: Sold): Promise<SentVoucher> {
    if (cumulative > record.promised) record = { ...record, promised: cumulative };
    const totals = addTotal(cumulative - record.settled, sold);
    const voucher: Voucher = { channel: record.channel, cumulative, totals, lastReceipt: named };
    const authorization = await authorize(parts.signer, voucherSignBytes(chainId, voucher));
    const signed = { voucher, authorization };
    record = { ...record, lastVoucher: signed };
    return asSent(signed);
  }

  async function endTrust(): Promise<void> {
    if (record.disputed) return;
    record = { ...record, disputed: true };
    await save();
    parts.onDispute(record);
  }

  async function dispute(error: unknown): Promise<never> {
    await endTrust();
    throw error;
  }

  /**
   * A voucher for at least `cumulative` as it is when it is signed: others who want one at that moment get the same.
   * What receipts do not explain yet is put on `sold`.
   */
  async function sign(cumulative: () => bigint, sold: Sold, patienceMs = 0): Promise<Uint8Array> {
    for (;;) {
      const needed = cumulative();
      if (needed > record.deposited) {
        const deposited = await parts.ensureDeposit(record, needed);
        record = { ...record, deposited };
      }
      // A channel that is full fails whoever wants more of it, not all of its round.
      addTotal(needed - record.settled, sold);
      const signed = await inRound({ cumulative, sold }, patienceMs);
      if (signed !== null) return signed;
    }
  }

  function adopt(signed: SignedReceipt, isReceived: boolean): void {
    const { receipt } = signed;
    const id = receiptId(crypto, receipt);
    if (isReceived) named = id;
    record = {
      ...record,
      settled: record.settled + receipt.price,
      totals: addTotal(receipt.price, receipt),
      lastReceipt: id,
      receipts: record.receipts + 1,
      unreceipted: record.unreceipted.filter(
        (entry) => !areBytesEqual(entry.requestHash, receipt.requestHash),
      ),
    };
    writes.add(PAYER_RECEIPTS + bytesToHex(id), encode(signedReceiptShape, signed));
    const next = early.get(bytesToHex(id));
    if (next !== undefined) {
      early.delete(bytesToHex(id));
      adopt(next.signed, next.isReceived);
    }
  }

  /** A receipt follows the last one, or one that is still on its way. */
  function place(signed: SignedReceipt, isReceived: boolean): void {
    const { receipt } = signed;
    if (areBytesEqual(receipt.previousReceipt, record.lastReceipt)) {
      if (receipt.cumulative !== record.settled + receipt.price) throw receiptRefused('its sum is wrong');
      adopt(signed, isReceived);
      return;
    }
    const least = record.settled + receipt.price;
    if (receipt.cumulative < least || early.size >= MAX_UNRECEIPTED)
      throw receiptRefused('it does not follow the last one');
    early.set(bytesToHex(receipt.previousReceipt), { signed, isReceived });
  }

  /**
   * Takes receipts that never arrived. What was promised already covers most of them; beyond that only what a
   * payee may have had on the way when the stream broke, once. They are paid for and not named by a voucher: one
   * that names a receipt says that the answer to it came.
   */
  function catchUp(missed: readonly Uint8Array[]): void {
    for (const bytes of missed) {
      // Most are on their way on other streams: what is not taken here need not be read here.
      const previous = previousReceiptOf(bytes);
      if (previous !== null && !areBytesEqual(previous, record.lastReceipt)) continue;
      const { receipt } = decodeReceipt(bytes);
      const isIt = ({ requestHash }: { readonly requestHash: Uint8Array }) =>
        areBytesEqual(requestHash, receipt.requestHash);
      // Its own stream still brings it.
      if (inFlight.has(({ expected }) => isIt(expected))) return;
      const signed = openReceipt(parties, bytes);
      const known = record.unreceipted.find(isIt);
      const covered = larger(known?.value ?? 0n, record.promised - record.settled);
      const excess = receipt.price > covered ? receipt.price - covered : 0n;
      if (excess > 0n && record.forgiven + excess > (known?.tranche ?? 0n)) {
        throw receiptRefused('it asks for an answer that never came');
      }
      record = { ...record, forgiven: record.forgiven + excess };
      place(signed, false);
    }
  }

  function pay(expected: ExpectedCounts | ExpectedAnswer): Payment {
    const mine: OpenPayment = { expected, terms: null, tokens: 0 };
    const promised = () => larger(record.promised, owed(inFlight.ahead()));

    const isDue = () =>
      record.settled > record.promised || inFlight.isDue(mine, owed(inFlight.halfAhead()) - record.promised);

    /** Alone on the channel, a voucher settles to the pebble, even below what was promised ahead. */
    function settlement(): bigint {
      return inFlight.size === 0 && early.size === 0 ? record.settled : promised();
    }

    async function check(bytes: Uint8Array, answer: AnswerAsSeen): Promise<SignedReceipt> {
      const signed = openReceipt(parties, bytes);
      const promptTokens = mine.terms?.promptTokens ?? null;
      const engineClass = mine.terms?.engineClass ?? NO_ROOT;
      checkReceipt(crypto, signed.receipt, expected, { ...answer, promptTokens, engineClass });
      return signed;
    }

    async function take(bytes: Uint8Array, answer: AnswerAsSeen, isReceived = true): Promise<TakenReceipt> {
      const receipt = await check(bytes, answer)
        .then((checked) => {
          inFlight.remove(mine);
          place(checked, isReceived);
          uncountersigned += 1;
          return checked;
        })
        .catch(dispute);
      return { receipt, receiptId: receiptId(crypto, receipt.receipt) };
    }

    async function countersign(patienceMs: number): Promise<Uint8Array> {
      try {
        return await sign(settlement, expected, patienceMs);
      } finally {
        uncountersigned -= 1;
      }
    }

    return {
      async open(idempotencyKey) {
        if (record.disputed) throw channelDisputed(hex);
        inFlight.add(mine);
        const asked = inferSignBytes(chainId, record.channel, expected.requestHash, idempotencyKey);
        const authorization = encode(authorizationShape, await authorize(parts.signer, asked));
        const cumulative = () => larger(record.promised, record.settled);
        const again = standing;
        const stands =
          again !== null &&
          again.voucher.cumulative === cumulative() &&
          areBytesEqual(again.voucher.lastReceipt, named);
        if (!stands) return { authorization, voucher: await sign(cumulative, expected) };
        // That it was asked is on disk before it is: else its receipt would be one for an answer that never came.
        await save();
        return { authorization, voucher: again.bytes };
      },
      async accept(terms) {
        checkTerms(terms, expected);
        inFlight.accept(mine, terms);
        const { receipts } = record;
        try {
          catchUp(terms.missed);
        } catch (error) {
          return dispute(error);
        }
        if (isDue()) return sign(promised, expected);
        // The terms wait for the next write: until then the disk says what any terms may allow at most.
        if (record.receipts > receipts) await save();
        return null;
      },
      receive(tokens) {
        inFlight.receive(mine, tokens);
        return isDue() ? sign(promised, expected) : null;
      },
      check: (bytes, answer) => check(bytes, answer).catch(dispute),
      take,
      countersign: () => countersign(inFlight.size === 0 ? SETTLE_WITHIN_MS : 0),
      isCrowded: () => 2 * (inFlight.size + uncountersigned) > MAX_MISSED_RECEIPTS,
      settle: async (...given) => ({ ...(await take(...given)), voucher: await countersign(0) }),
      async abandon() {
        if (!inFlight.remove(mine) || mine.terms === null) return;
        record = { ...record, unreceipted: [...record.unreceipted, describe(mine)].slice(-MAX_UNRECEIPTED) };
        await save();
      },
      async dispute() {
        inFlight.remove(mine);
        await endTrust();
      },
    };
  }

  return {
    get record() {
      return record;
    },
    unwritten: writes.unwritten,
    flush: async () => void (await save()),
    pay,
  };
}
