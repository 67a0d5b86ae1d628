import { priceOf } from '@cairn/ledger';
import { MAX_TRANCHE_TOKENS } from './check-terms.ts';
import type { PayerChannelRecord } from './payer-record.ts';
import type { OpenPayment } from './payment.ts';

/** Pebbles that the tokens which came are worth, and `ahead` more of them. */
export function worthOf({ expected, terms, tokens }: OpenPayment, ahead = 0): bigint {
  if (tokens + ahead === 0) return 0n;
  return priceOf(expected.price, terms?.promptTokens ?? 0, 0, Math.min(tokens + ahead, expected.maxTokens));
}

/** What the books keep of a request until its receipt comes. @param value pebbles that the tokens which came are worth */
export function describe(
  payment: OpenPayment,
  value = worthOf(payment),
): PayerChannelRecord['unreceipted'][number] {
  const { expected, terms } = payment;
  // Until its terms are known, the payee may have sent what terms allow at most.
  const onTrust = Math.min(terms?.trancheTokens ?? MAX_TRANCHE_TOKENS, expected.maxTokens);
  const promptTokens = terms === null ? expected.mostPromptTokens : (terms.promptTokens ?? 0);
  const tranche = priceOf(expected.price, promptTokens, 0, onTrust);
  return { requestHash: expected.requestHash, value, tranche };
}

/**
 * What the payee sends on trust at least, whatever else is under way: waiting for more would leave it waiting too, when
 * an answer with a long prompt begins beside a slow one.
 */
export function leastTranche(payments: Iterable<OpenPayment>): bigint {
  let least: bigint | null = null;
  for (const { expected, terms } of payments) {
    const onTrust = terms?.trancheTokens ?? 0;
    const tranche = priceOf(expected.price, 0, 0, onTrust);
    if (onTrust > 0 && (least === null || tranche < least)) least = tranche;
  }
  return least ?? 0n;
}
