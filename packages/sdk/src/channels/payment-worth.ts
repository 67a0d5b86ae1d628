import { priceOf } from '@cairn/ledger';
import type { PayerChannelRecord } from './payer-record.ts';
import type { OpenPayment } from './payment.ts';

/** Pebbles that the tokens which came are worth, and `ahead` more of them. */
export function worthOf({ expected, terms, tokens }: OpenPayment, ahead = 0): bigint {
  if (tokens + ahead === 0) return 0n;
  return priceOf(expected.price, terms?.promptTokens ?? 0, 0, Math.min(tokens + ahead, expected.maxTokens));
}

/** What the books keep of a request until its receipt comes. */
export function describe(payment: OpenPayment): PayerChannelRecord['unreceipted'][number] {
  const { expected, terms } = payment;
  const onTrust = Math.min(terms?.trancheTokens ?? 0, expected.maxTokens);
  const tranche = terms === null ? 0n : priceOf(expected.price, terms.promptTokens ?? 0, 0, onTrust);
  return { requestHash: expected.requestHash, value: worthOf(payment), tranche };
}
