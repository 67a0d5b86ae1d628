import type { AcceptedFrame, SignedReceipt } from '@cairn/protocol';
import type { ExpectedAnswer, ExpectedCounts, ReceivedAnswer } from './check-receipt.ts';
import type { PayerChannelRecord } from './payer-record.ts';

/** A receipt that the books of this process hold. */
export interface TakenReceipt {
  readonly receipt: SignedReceipt;
  readonly receiptId: Uint8Array;
}

export interface Settlement extends TakenReceipt {
  /** Countersigns the receipt. */
  readonly voucher: Uint8Array;
}

/** The money side of one answer. Every voucher it returns is on disk before it is returned. */
export interface Payment {
  /** The standing voucher to open with, and the payer's signature under the request. */
  open(idempotencyKey: string): Promise<{ readonly voucher: Uint8Array; readonly authorization: Uint8Array }>;
  /** Checks the payee's terms and catches up on receipts that got lost. @throws SdkError `TERMS_REFUSED`, `RECEIPT_REFUSED` */
  accept(terms: AcceptedFrame): Promise<Uint8Array | null>;
  /** Counts tokens that came; a voucher when one is due. */
  receive(tokens: number): Promise<Uint8Array> | null;
  /** Checks a receipt without keeping it. @throws SdkError `RECEIPT_REFUSED` */
  check(receipt: Uint8Array, answer: AnswerAsSeen): Promise<SignedReceipt>;
  /**
   * Checks the receipt and enters it into the books, which are on disk with the next voucher.
   *
   * @param isReceived whether the voucher may name it, which says that the answer came. @default true
   * @throws SdkError `RECEIPT_REFUSED`
   */
  take(receipt: Uint8Array, answer: AnswerAsSeen, isReceived?: boolean): Promise<TakenReceipt>;
  /** Pays what was taken to the pebble, alone on the channel after a moment in which the next request may share the write. */
  countersign(): Promise<Uint8Array>;
  /** Whether so much is under way on the channel that the payee may take nothing new before it has its vouchers. */
  isCrowded(): boolean;
  /** Takes a receipt and countersigns it at once. @throws SdkError `RECEIPT_REFUSED` */
  settle(receipt: Uint8Array, answer: AnswerAsSeen, isReceived?: boolean): Promise<Settlement>;
  /** The stream broke: what came so far stays on the books until its receipt turns up. */
  abandon(): Promise<void>;
  /** What came is provably not what was sold: nothing more is paid on this channel, and it is closed. */
  dispute(): Promise<void>;
}

/** What came over the stream behind the terms. */
export type AnswerAsSeen = Omit<ReceivedAnswer, 'promptTokens' | 'engineClass'>;

export interface PayerChannel {
  readonly record: PayerChannelRecord;
  /** A record of this channel that may not be on disk yet. */
  unwritten(key: string): Uint8Array | undefined;
  /** Resolves when all of it is on disk, with the vouchers that waited for a next request. */
  flush(): Promise<void>;
  pay(expected: ExpectedCounts | ExpectedAnswer): Payment;
}

/** A request that is under way on a channel. */
export interface OpenPayment {
  readonly expected: ExpectedCounts | ExpectedAnswer;
  terms: AcceptedFrame | null;
  tokens: number;
}
