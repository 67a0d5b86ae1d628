import { type Amount, PEBBLES_PER_CAIRN } from '@cairn/core';
import { type Offer, priceOf } from '@cairn/ledger';
import { type InferBody, mostPromptTokens } from '@cairn/protocol';

/** Most that one question asked without a person's word may cost: 0.05 CAIRN. */
const MOST_PER_QUESTION: Amount = PEBBLES_PER_CAIRN / 20n;

/**
 * Whether an offer answers a question for little. Validators and probes ask whoever has an offer, so a price
 * without a bound would take all their money with one question.
 */
export function isCheapEnough(
  { terms }: Offer,
  { prompt, params }: Pick<InferBody, 'prompt' | 'params'>,
): boolean {
  return priceOf(terms.price, mostPromptTokens(prompt), 0, params.maxTokens) <= MOST_PER_QUESTION;
}
