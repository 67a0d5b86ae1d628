import type { AcceptedFrame, SignedReceipt } from '@cairn/protocol';
import type { ExpectedAnswer, ReceivedAnswer } from './check-receipt.ts';
import type { PayerChannelRecord } from './payer-record.ts';

export interface Settlement {
  readonly receipt: SignedReceipt;
  readonly receiptId: Uint8Array;
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
  receive(tokens: number): Promise<Uint8Array | null>;
  /** Checks and keeps the receipt. @throws SdkError `RECEIPT_REFUSED` */
  settle(
    receipt: Uint8Array,
    answer: Omit<ReceivedAnswer, 'promptTokens' | 'engineClass'>,
  ): Promise<Settlement>;
  /** The stream broke: what came so far stays on the books until its receipt turns up. */
  abandon(): Promise<void>;
  /** What came is provably not what was sold: nothing more is paid on this channel, and it is closed. */
  dispute(): Promise<void>;
}

export interface PayerChannel {
  readonly record: PayerChannelRecord;
  pay(expected: ExpectedAnswer): Payment;
}

/** A request that is under way on a channel. */
export interface OpenPayment {
  readonly expected: ExpectedAnswer;
  terms: AcceptedFrame | null;
  tokens: number;
}
