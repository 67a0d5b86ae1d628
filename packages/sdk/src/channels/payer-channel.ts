import {
  type AccountId,
  areBytesEqual,
  authorizationShape,
  authorize,
  bytesToHex,
  type Crypto,
  encode,
  type Signer,
} from '@cairn/core';
import { type Voucher, voucherSignBytes } from '@cairn/ledger';
import {
  type ArtifactTotals,
  addToTotals,
  inferSignBytes,
  NO_ROOT,
  type RecordStore,
  receiptId,
  type SignedReceipt,
  signedReceiptShape,
  signedVoucherShape,
} from '@cairn/protocol';
import { SdkError } from '../errors.ts';
import { larger } from '../larger.ts';
import {
  checkReceipt,
  decodeReceipt,
  type ExpectedAnswer,
  type ExpectedCounts,
  openReceipt,
  receiptRefused,
} from './check-receipt.ts';
import { checkTerms } from './check-terms.ts';
import {
  encodePayerChannel,
  MAX_UNRECEIPTED,
  PAYER_CHANNELS,
  PAYER_RECEIPTS,
  type PayerChannelRecord,
} from './payer-record.ts';
import type { AnswerAsSeen, OpenPayment, PayerChannel, Payment } from './payment.ts';
import { describe, leastTranche, worthOf } from './payment-worth.ts';
import type { Sold, SoldAs } from './sold-as.ts';
import { createWriteQueue } from './write-queue.ts';

export interface PayerChannelParts {
  readonly crypto: Crypto;
  readonly chainId: Uint8Array;
  readonly payer: AccountId;
  readonly signer: Signer;
  readonly records: RecordStore;
  /** What vouchers count an answer as. */
  readonly soldAs: SoldAs;
  /** Makes sure that `needed` pebbles are in the channel; resolves with what is in it then. */
  readonly ensureDeposit: (channel: PayerChannelRecord, needed: bigint) => Promise<bigint>;
  /** Called once when the payee cheats. */
  readonly onDispute: (channel: PayerChannelRecord) => void;
}

/** The books of one channel on the payer's side. */
export function createPayerChannel(parts: PayerChannelParts, initial: PayerChannelRecord): PayerChannel {
  const { crypto, chainId } = parts;
  const parties = { crypto, chainId, channel: initial.channel, payer: parts.payer, payee: initial.payee };
  const hex = bytesToHex(initial.channel);
  let record = initial;
  const inFlight = new Set<OpenPayment>();
  /** The newest voucher that is on disk. */
  let standing = initial.lastVoucher;
  /** The receipt that vouchers name: the newest one whose answer came. */
  let named = initial.lastVoucher?.voucher.lastReceipt ?? new Uint8Array(32);
  /** Receipts whose predecessor is on its way on another stream, by the id of that predecessor. */
  const early = new Map<string, { readonly signed: SignedReceipt; readonly isReceived: boolean }>();
  const writes = createWriteQueue(parts.records);

  function addTotal(amount: bigint, sold: Sold): ArtifactTotals {
    const totals = addToTotals(record.totals, amount, parts.soldAs(crypto, sold));
    if (totals !== null) return totals;
    throw new SdkError(
      { code: 'CHANNEL_FULL', channel: hex, reason: 'artifacts' },
      `Channel ${hex} has paid for ${record.totals.length} models, which is all it can. Close it and open another.`,
    );
  }

  function owed(aheadOf: (payment: OpenPayment) => number = () => 0): bigint {
    let sum = record.settled;
    for (const payment of inFlight) sum += worthOf(payment, payment.terms === null ? 0 : aheadOf(payment));
    for (const { signed } of early.values()) sum += signed.receipt.price;
    return sum;
  }

  async function save(): Promise<void> {
    writeState();
    await writes.flush();
  }

  function writeState(): void {
    const open = [...inFlight].map(describe);
    const unreceipted = [...record.unreceipted, ...open].slice(-MAX_UNRECEIPTED);
    writes.add(PAYER_CHANNELS + hex, encodePayerChannel({ ...record, unreceipted }));
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

  /** Signs for exactly `cumulative`; what receipts do not explain yet is put on `sold`. */
  async function sign(cumulative: bigint, sold: Sold): Promise<Uint8Array> {
    if (cumulative > record.deposited) {
      const deposited = await parts.ensureDeposit(record, cumulative);
      record = { ...record, deposited };
    }
    if (cumulative > record.promised) record = { ...record, promised: cumulative };
    const totals = addTotal(cumulative - record.settled, sold);
    const voucher: Voucher = { channel: record.channel, cumulative, totals, lastReceipt: named };
    const signed = {
      voucher,
      authorization: await authorize(parts.signer, voucherSignBytes(chainId, voucher)),
    };
    record = { ...record, lastVoucher: signed };
    await save();
    // Others may send it again from now on.
    standing = signed;
    return encode(signedVoucherShape, signed);
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
      const { receipt } = decodeReceipt(bytes);
      // Most are on their way on other streams: what is not taken here need not be verified here.
      if (!areBytesEqual(receipt.previousReceipt, record.lastReceipt)) continue;
      const isIt = ({ requestHash }: { readonly requestHash: Uint8Array }) =>
        areBytesEqual(requestHash, receipt.requestHash);
      // Its own stream still brings it.
      if ([...inFlight].some(({ expected }) => isIt(expected))) return;
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

    const promise = () =>
      sign(
        larger(
          record.promised,
          owed((payment) => payment.terms?.prepayTokens ?? 0),
        ),
        expected,
      );

    function isDue(): boolean {
      const { terms } = mine;
      if (terms === null) return false;
      if (record.settled > record.promised) return true;
      const prepaid = owed((payment) => ((payment.terms?.prepayTokens ?? 0) + 1) >> 1);
      if (terms.prepayTokens > 0) return prepaid > record.promised;
      const unpaid = prepaid - record.promised;
      return unpaid > 0n && 2n * unpaid >= leastTranche(inFlight);
    }

    async function check(bytes: Uint8Array, answer: AnswerAsSeen): Promise<SignedReceipt> {
      const signed = openReceipt(parties, bytes);
      const promptTokens = mine.terms?.promptTokens ?? null;
      const engineClass = mine.terms?.engineClass ?? NO_ROOT;
      checkReceipt(crypto, signed.receipt, expected, { ...answer, promptTokens, engineClass });
      return signed;
    }

    return {
      async open(idempotencyKey) {
        if (record.disputed) {
          throw new SdkError(
            { code: 'CHANNEL_DISPUTED', channel: hex },
            `Channel ${hex} is disputed: its payee showed a receipt that cannot be right. Use another provider.`,
          );
        }
        inFlight.add(mine);
        const asked = inferSignBytes(chainId, record.channel, expected.requestHash, idempotencyKey);
        const authorization = encode(authorizationShape, await authorize(parts.signer, asked));
        const cumulative = larger(record.promised, record.settled);
        const again = standing;
        const stands =
          again !== null &&
          again.voucher.cumulative === cumulative &&
          areBytesEqual(again.voucher.lastReceipt, named);
        if (!stands) return { authorization, voucher: await sign(cumulative, expected) };
        // That it was asked is on disk before it is: else its receipt would be one for an answer that never came.
        await save();
        return { authorization, voucher: encode(signedVoucherShape, again) };
      },
      async accept(terms) {
        checkTerms(terms, expected);
        mine.terms = terms;
        try {
          catchUp(terms.missed);
        } catch (error) {
          return dispute(error);
        }
        if (isDue()) return promise();
        writeState();
        return null;
      },
      async receive(tokens) {
        mine.tokens += tokens;
        return isDue() ? promise() : null;
      },
      check: (bytes, answer) => check(bytes, answer).catch(dispute),
      async settle(bytes, answer, isReceived = true) {
        const signed = await check(bytes, answer)
          .then((checked) => {
            inFlight.delete(mine);
            place(checked, isReceived);
            return checked;
          })
          .catch(dispute);
        const due = owed((payment) => payment.terms?.prepayTokens ?? 0);
        const isQuiet = inFlight.size === 0 && early.size === 0;
        // Alone on the channel, the voucher settles to the pebble, even below what was promised ahead.
        const cumulative = isQuiet ? record.settled : larger(record.promised, due);
        const id = receiptId(crypto, signed.receipt);
        return { receipt: signed, receiptId: id, voucher: await sign(cumulative, expected) };
      },
      async abandon() {
        if (!inFlight.delete(mine) || mine.terms === null) return;
        record = { ...record, unreceipted: [...record.unreceipted, describe(mine)].slice(-MAX_UNRECEIPTED) };
        await save();
      },
      async dispute() {
        inFlight.delete(mine);
        await endTrust();
      },
    };
  }

  return {
    get record() {
      return record;
    },
    pay,
  };
}
