import type { AccountId } from '@cairn/core';
import type { Price } from '@cairn/ledger';
import type { Receipt, SignedVoucher } from '@cairn/protocol';
import type { PayeeChannelRecord } from './payee-record.ts';

/** The answer a receipt is for; the channel's books add the rest. */
export type ReceiptDraft = Omit<
  Receipt,
  'channel' | 'payer' | 'provider' | 'price' | 'cumulative' | 'previousReceipt' | 'engineClass'
> & {
  /** @default unknown */
  readonly engineClass?: Uint8Array;
};

export interface EarningOptions {
  readonly price: Price;
  readonly model: Uint8Array;
  readonly artifact: Uint8Array;
  readonly promptTokens: number;
  /** Tokens sent beyond what is paid, for a payer that has earned it. */
  readonly trancheTokens: number;
  /** Whether its payer was told that it has them. @default whether the payer has earned it by now */
  readonly isTrusted?: boolean;
}

/** The money side of one answer. */
export interface Earning {
  /** Whether tokens are sent before they are paid. */
  readonly isTrusted: boolean;
  /** Resolves when `tokens` in all may be sent; false when the answer was ended while waiting. */
  waitForCover(tokens: number): Promise<boolean>;
  /** As `waitForCover`, and counts them as sent at once: no other answer can be covered by the same money. */
  takeCover(tokens: number): Promise<boolean>;
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
  /** Whose key speaks for the payer now; null when the channel is finalised. */
  payerKey(): Promise<AccountId | null>;
  /** Takes a payer's voucher. @throws Refusal `VOUCHER_…`, `CHANNEL_…` */
  take(bytes: Uint8Array, options: { readonly isOpening: boolean }): Promise<void>;
  /** Signed receipts after the one a voucher names. */
  missed(): readonly Uint8Array[];
  earn(options: EarningOptions): Earning;
  /** The payer left owing: it pays ahead from now on. */
  distrust(): Promise<void>;
  /**
   * The claim due, or null. On a channel that closes without its payer having settled, the voucher that promises
   * most, even above the receipts: a payer that always stays ahead of them would otherwise pay nothing.
   */
  due(isClosing?: boolean): SignedVoucher | null;
  claimed(voucher: SignedVoucher): Promise<void>;
}
