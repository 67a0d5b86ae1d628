import { batchPriceOf, type OfferTerms, type Price } from '@cairn/ledger';

/** The price of a request: that of the offer, or the one it gives to work that can wait. */
export function discountOf(terms: OfferTerms, priority: 'batch' | undefined): Price {
  return priority === 'batch' ? batchPriceOf(terms) : terms.price;
}
