import { type Amount, mulDiv } from '@cairn/core';
import { LedgerError } from '../../errors.ts';

/** Fraction bits of a price. */
const PRICE_BITS = 64n;

/** A price of one pebble for one unit of the subnet's token, in the unit of every price here: Q64. */
export const PRICE_ONE = 1n << PRICE_BITS;

/** Both weights of a pool sum to this: 18 decimals, as in Bittensor's pools. */
export const WEIGHT_ONE = 1_000_000_000_000_000_000n;

/** Neither weight of a pool is below 1 %. */
const MIN_WEIGHT = WEIGHT_ONE / 100n;

/** Both assets count the same: the constant product. */
export const EVEN_WEIGHT = WEIGHT_ONE / 2n;

/**
 * A weighted pool of two assets: base^baseWeight · quote^quoteWeight never falls by a trade.
 *
 * @see https://docs.balancer.fi/whitepaper.pdf (2019), with two assets and a weight that liquidity moves
 */
export interface Pool {
  /** Reserve of the subnet's token, in 1e-9 token. */
  readonly base: Amount;
  /** Reserve of CAIRN, in pebbles. */
  readonly quote: Amount;
  /** Weight of the quote asset of `WEIGHT_ONE`; the rest weighs the base asset. */
  readonly quoteWeight: bigint;
}

/** Weight of the base asset of `WEIGHT_ONE`. */
export function baseWeightOf(pool: Pool): bigint {
  return WEIGHT_ONE - pool.quoteWeight;
}

/**
 * @throws LedgerError `INVARIANT_BROKEN` when a reserve is negative or a weight outside 1 % … 99 %.
 */
export function assertPool(pool: Pool): void {
  const { base, quote, quoteWeight } = pool;
  const isSound =
    base >= 0n && quote >= 0n && quoteWeight >= MIN_WEIGHT && quoteWeight <= WEIGHT_ONE - MIN_WEIGHT;
  if (isSound) return;
  const invariant = 'a pool has reserves of at least zero and weights from 1 % to 99 %';
  throw new LedgerError(
    { code: 'INVARIANT_BROKEN', invariant },
    `A pool of ${base} base and ${quote} quote with a quote weight of ${quoteWeight} was handed over, but ${invariant}. Mend what made it.`,
  );
}

/**
 * Marginal price of the base asset in quote: (baseWeight · quote) / (quoteWeight · base), in Q64, rounded
 * down. 0 without a base reserve, which no trade can buy from.
 */
export function poolPrice(pool: Pool): bigint {
  if (pool.base === 0n) return 0n;
  return ((baseWeightOf(pool) * pool.quote) << PRICE_BITS) / (pool.quoteWeight * pool.base);
}

/** The weight could not be had; the pool stays as it was. */
export interface WeightRefusal {
  readonly code: 'POOL_WEIGHT_OUT_OF_RANGE';
  readonly quoteWeight: bigint;
}

export type WeighedPool =
  | { readonly ok: true; readonly pool: Pool }
  | { readonly ok: false; readonly refusal: WeightRefusal };

function weigh(base: Amount, quote: Amount, quoteWeight: bigint): WeighedPool {
  if (quoteWeight < MIN_WEIGHT || quoteWeight > WEIGHT_ONE - MIN_WEIGHT) {
    return { ok: false, refusal: { code: 'POOL_WEIGHT_OUT_OF_RANGE', quoteWeight } };
  }
  return { ok: true, pool: { base, quote, quoteWeight } };
}

/**
 * A pool of these reserves whose price is `price` (Q64): quoteWeight = quote / (price · base + quote),
 * rounded down. Even weights when both reserves are empty or no price is named.
 */
export function createPool(base: Amount, quote: Amount, price: bigint | null = null): WeighedPool {
  if (price === null) return { ok: true, pool: { base, quote, quoteWeight: EVEN_WEIGHT } };
  const total = price * base + (quote << PRICE_BITS);
  return weigh(base, quote, total === 0n ? EVEN_WEIGHT : mulDiv(WEIGHT_ONE, quote << PRICE_BITS, total));
}

/**
 * The pool after a gift of both assets in any proportion, its weights moved so that its price stays:
 * quoteWeight' = (quote + Δquote) / (price · (base + Δbase) + quote + Δquote), without rounding the price.
 * The weight rounds down, which lets the price rise by less than 1e-16 of it. Whatever the protocol adds,
 * emission, fees or what rounding left over, comes in this way, so adding it moves no price for anybody.
 *
 * Even weights when a reserve was and stays empty.
 */
export function addLiquidity(
  pool: Pool,
  added: { readonly base: Amount; readonly quote: Amount },
): WeighedPool {
  const base = pool.base + added.base;
  const quote = pool.quote + added.quote;
  const basePart = baseWeightOf(pool) * pool.quote * base;
  const quotePart = pool.quoteWeight * pool.base * quote;
  const total = basePart + quotePart;
  return weigh(base, quote, total === 0n ? EVEN_WEIGHT : mulDiv(WEIGHT_ONE, quotePart, total));
}
