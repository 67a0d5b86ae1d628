import {
  account,
  bool,
  bytes32,
  type Crypto,
  concatBytes,
  list,
  struct,
  text,
  u8,
  u16,
  u32,
  u64,
  utf8ToBytes,
  type ValueOf,
} from '@cairn/core';
import { LedgerError } from '../errors.ts';

/** Pebbles. Token prices are per million tokens, so that small models can be cheap. */
export const priceShape = struct('Price', {
  inputPerMillion: u64,
  cachedInputPerMillion: u64,
  outputPerMillion: u64,
  perRequest: u64,
});
export type Price = ValueOf<typeof priceShape>;

/** Highest tier of verification. */
export const MAX_TIER = 3;

/** What a provider promises: one artifact at a price. */
export const offerTermsShape = struct('OfferTerms', {
  netuid: u16,
  model: bytes32,
  /** SHA-256 of the artifact. */
  artifact: bytes32,
  price: priceShape,
  maxConcurrency: u16,
  contextTokens: u32,
  /** What the engine exposes, such as `tokenIds`, `seed` or `tools`, and what the offer states, such as a discount. */
  capabilities: list(text(32), 16),
  /** How answers can be checked: 0 not at all, 1 receipt and re-check, 2 hidden states, 3 attested hardware. */
  tier: u8,
  retainsData: bool,
  trainsOnData: bool,
  /** Slot after which the offer counts no more. */
  expirySlot: u64,
  /** Name or address of the provider on the network. */
  peer: text(200),
});
export type OfferTerms = ValueOf<typeof offerTermsShape>;

export const offerShape = struct('Offer', {
  provider: account,
  terms: offerTermsShape,
  recordDeposit: u64,
});
export type Offer = ValueOf<typeof offerShape>;

const BATCH_DISCOUNT = /^batch-discount-([1-9][0-9]?)$/;

/**
 * What work that may wait costs: an offer states its discount as the capability `batch-discount-50`, in percent from
 * 1 to 99. Without one it is the price. Rounds up, for the provider.
 */
export function batchPriceOf({ price, capabilities }: Pick<OfferTerms, 'price' | 'capabilities'>): Price {
  const percent = capabilities
    .map((name) => BATCH_DISCOUNT.exec(name)?.[1])
    .find((found) => found !== undefined);
  if (percent === undefined) return price;
  const less = (amount: bigint) => (amount * (100n - BigInt(percent)) + 99n) / 100n;
  return {
    inputPerMillion: less(price.inputPerMillion),
    cachedInputPerMillion: less(price.cachedInputPerMillion),
    outputPerMillion: less(price.outputPerMillion),
    perRequest: less(price.perRequest),
  };
}

/** One offer per provider, subnet and artifact: publishing again replaces it. */
export function offerIdOf(
  crypto: Crypto,
  provider: Uint8Array,
  { netuid, artifact }: OfferTerms,
): Uint8Array {
  const place = Uint8Array.of(netuid >> 8, netuid & 0xff);
  return crypto.sha256(concatBytes(utf8ToBytes('cairn/offer/v1'), provider, place, artifact));
}

/**
 * Pebbles for a request's tokens, of which at most all of the prompt were cached. Rounds up, at most one
 * pebble: the provider never loses.
 *
 * @throws LedgerError `USAGE_INVALID` for a count that is not a whole number from zero.
 */
export function priceOf(
  price: Price,
  promptTokens: number,
  cachedTokens: number,
  completionTokens: number,
): bigint {
  for (const tokens of [promptTokens, cachedTokens, completionTokens]) {
    if (!Number.isSafeInteger(tokens) || tokens < 0) {
      throw new LedgerError(
        { code: 'USAGE_INVALID', tokens },
        `${tokens} is no number of tokens. Report whole numbers from zero.`,
      );
    }
  }
  const cached = Math.min(cachedTokens, promptTokens);
  const fresh = BigInt(promptTokens - cached);
  const perMillion =
    price.inputPerMillion * fresh +
    price.cachedInputPerMillion * BigInt(cached) +
    price.outputPerMillion * BigInt(completionTokens);
  return price.perRequest + (perMillion + 999_999n) / 1_000_000n;
}
