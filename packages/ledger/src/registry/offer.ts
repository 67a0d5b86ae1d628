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
  withDefault,
} from '@cairn/core';
import { LedgerError } from '../errors.ts';
import { regionShape } from './provider.ts';

/** Pebbles. Token prices are per million tokens, so that small models can be cheap. What an offer does not sell costs nothing in it. */
export const priceShape = struct('Price', {
  inputPerMillion: u64,
  cachedInputPerMillion: u64,
  outputPerMillion: u64,
  perRequest: u64,
  /** For each image that is made. */
  perImage: withDefault(u64, 0n),
  /** For each second of audio that is heard or spoken. */
  perAudioSecond: withDefault(u64, 0n),
});
export type Price = ValueOf<typeof priceShape>;

/** Most regions of one offer. */
export const MAX_REGIONS = 8;

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
  /** Where it is served; empty: in the provider's own region. */
  regions: withDefault(list(regionShape, MAX_REGIONS), []),
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
    perImage: less(price.perImage),
    perAudioSecond: less(price.perAudioSecond),
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

/** What a request used; what is left out was not used. */
export interface BilledUsage {
  readonly promptTokens?: number;
  /** Of the prompt; at most all of it counts. */
  readonly cachedTokens?: number;
  readonly completionTokens?: number;
  /** Images that were made. */
  readonly images?: number;
  /** Audio that was heard or spoken, in milliseconds. */
  readonly audioMs?: number;
}

/**
 * Pebbles for one request. Tokens and audio round up, each by at most one pebble: the provider never loses.
 *
 * @throws LedgerError `USAGE_INVALID` for a count that is not a whole number from zero.
 */
export function priceOfUsage(price: Price, usage: BilledUsage): bigint {
  const { promptTokens = 0, cachedTokens = 0, completionTokens = 0, images = 0, audioMs = 0 } = usage;
  for (const tokens of [promptTokens, cachedTokens, completionTokens]) requireCount(tokens, 'tokens');
  requireCount(images, 'images');
  requireCount(audioMs, 'milliseconds');
  const cached = Math.min(cachedTokens, promptTokens);
  const perMillion =
    price.inputPerMillion * BigInt(promptTokens - cached) +
    price.cachedInputPerMillion * BigInt(cached) +
    price.outputPerMillion * BigInt(completionTokens);
  return (
    price.perRequest +
    (perMillion + 999_999n) / 1_000_000n +
    price.perImage * BigInt(images) +
    (price.perAudioSecond * BigInt(audioMs) + 999n) / 1_000n
  );
}

/** As `priceOfUsage`, for a request's tokens alone. */
export function priceOf(
  price: Price,
  promptTokens: number,
  cachedTokens: number,
  completionTokens: number,
): bigint {
  return priceOfUsage(price, { promptTokens, cachedTokens, completionTokens });
}

/** As `priceOfUsage`, for images alone. */
export function priceOfImages(price: Price, images: number): bigint {
  return priceOfUsage(price, { images });
}

/** As `priceOfUsage`, for audio alone. @param audioMs milliseconds that were heard or spoken. */
export function priceOfAudio(price: Price, audioMs: number): bigint {
  return priceOfUsage(price, { audioMs });
}

function requireCount(count: number, unit: string): void {
  if (Number.isSafeInteger(count) && count >= 0) return;
  throw new LedgerError(
    { code: 'USAGE_INVALID', count, unit },
    `${count} is no number of ${unit}. Report whole numbers from zero.`,
  );
}
