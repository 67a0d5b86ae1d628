import type { AcceptedFrame } from '@cairn/protocol';
import { SdkError } from '../errors.ts';
import type { ExpectedCounts } from './check-receipt.ts';

/** Most tokens this side pays for before they come. */
export const MAX_PREPAY_TOKENS = 32;

/** Most tokens a provider may have sent unpaid when a stream breaks: what it may claim to have sent. */
export const MAX_TRANCHE_TOKENS = 256;

/** Checks what a provider asks for one answer. @throws SdkError `TERMS_REFUSED` */
export function checkTerms(
  { promptTokens, prepayTokens, trancheTokens }: AcceptedFrame,
  { mostPromptTokens }: ExpectedCounts,
): void {
  if (promptTokens !== null && promptTokens > mostPromptTokens) {
    throw termsRefused(`${promptTokens} tokens are more than this prompt can have`);
  }
  if (prepayTokens > MAX_PREPAY_TOKENS) {
    throw termsRefused(`${prepayTokens} prepaid tokens are more than ${MAX_PREPAY_TOKENS}`);
  }
  if (trancheTokens > MAX_TRANCHE_TOKENS) {
    throw termsRefused(`${trancheTokens} tokens on trust are more than ${MAX_TRANCHE_TOKENS}`);
  }
}

function termsRefused(reason: string): SdkError {
  return new SdkError({ code: 'TERMS_REFUSED', reason }, `The provider's terms were refused: ${reason}.`);
}
