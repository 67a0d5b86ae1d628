import type { Amount } from '@cairn/core';
import type { Ratio } from '../../fraction/ratio.ts';
import { baseWeightOf, EVEN_WEIGHT, type Pool, PRICE_ONE, WEIGHT_ONE } from './pool.ts';
import { POWER_ONE, powerBounds, scaledPower } from './power.ts';

/** A buyer pays quote for base, a seller pays base for quote. */
export type Side = 'buy' | 'sell';

/** Growth of a reserve up to a limit price has 18 decimals, */
const GROWTH_ONE = WEIGHT_ONE;
/** and fits 64 bits: one swap moves up to its limit at most 17.4 times the reserve. */
const MAX_GROWTH = (1n << 64n) - 1n;

/** Reserves and weights as one side of the pool sees them. */
export interface SideOfPool {
  readonly reserveIn: Amount;
  readonly reserveOut: Amount;
  readonly weightIn: bigint;
  readonly weightOut: bigint;
}

export function sideOf(pool: Pool, side: Side): SideOfPool {
  const baseWeight = baseWeightOf(pool);
  return side === 'buy'
    ? { reserveIn: pool.quote, reserveOut: pool.base, weightIn: pool.quoteWeight, weightOut: baseWeight }
    : { reserveIn: pool.base, reserveOut: pool.quote, weightIn: baseWeight, weightOut: pool.quoteWeight };
}

/** The pool after `paid` came in on one side and `received` left on the other. */
export function moveReserves(pool: Pool, side: Side, paid: Amount, received: Amount): Pool {
  return side === 'buy'
    ? { ...pool, base: pool.base - received, quote: pool.quote + paid }
    : { ...pool, base: pool.base + paid, quote: pool.quote - received };
}

/**
 * What the pool pays for `amountIn`, without any fee: out · (1 − (in / (in + amountIn))^(weightIn / weightOut)).
 * Rounds down and takes the power at its upper bound: the pool never loses. Even weights are exact, as
 * out · amountIn / (in + amountIn).
 *
 * Cost: under 1 µs at even weights, else about 5 µs.
 *
 * @see docs/guide/economy.md, which names source and version
 */
export function outputOf(pool: Pool, side: Side, amountIn: Amount): Amount {
  const { reserveIn, reserveOut, weightIn, weightOut } = sideOf(pool, side);
  if (amountIn === 0n || reserveOut === 0n) return 0n;
  const after = reserveIn + amountIn;
  if (pool.quoteWeight === EVEN_WEIGHT) return (reserveOut * amountIn) / after;
  const { high } = powerBounds(
    { numerator: reserveIn, denominator: after },
    { numerator: weightIn, denominator: weightOut },
  );
  return high >= POWER_ONE ? 0n : (reserveOut * (POWER_ONE - high)) / POWER_ONE;
}

/**
 * What has to be paid, without fee, for the price to move to `target`, both in Q64: a buyer pays
 * quote · ((target / price)^baseWeight − 1), a seller base · ((price / target)^quoteWeight − 1). The growth
 * has 18 decimals and then 64 bits, and every step rounds down, so that the target is not passed. 0 when the
 * target lies on the other side; at most 17.4 times the reserve.
 */
export function inputToPrice(pool: Pool, side: Side, price: bigint, target: bigint): Amount {
  const isReached = side === 'buy' ? target <= price : target >= price;
  if (isReached) return 0n;
  const { reserveIn, weightOut } = sideOf(pool, side);
  const ratio: Ratio =
    side === 'buy' ? { numerator: target, denominator: price } : { numerator: price, denominator: target };
  const growth =
    ratio.denominator === 0n
      ? MAX_GROWTH
      : scaledPower(ratio, { numerator: weightOut, denominator: WEIGHT_ONE }, GROWTH_ONE);
  const bounded = growth > MAX_GROWTH ? MAX_GROWTH : growth;
  const growthQ64 = (bounded * PRICE_ONE) / GROWTH_ONE;
  return growthQ64 <= PRICE_ONE ? 0n : (reserveIn * (growthQ64 - PRICE_ONE)) / PRICE_ONE;
}

/**
 * Base that has to be sold, without fee, for `quoteOut`: base · ((quote / (quote − quoteOut))^(quoteWeight /
 * baseWeight) − 1), rounded up: the pool never loses.
 *
 * @returns null when the pool holds no more than `quoteOut`.
 */
export function baseNeededForQuote(pool: Pool, quoteOut: Amount): Amount | null {
  if (quoteOut >= pool.quote) return null;
  if (quoteOut <= 0n) return 0n;
  const left = pool.quote - quoteOut;
  if (pool.quoteWeight === EVEN_WEIGHT) return (pool.base * quoteOut + left - 1n) / left;
  const { high } = powerBounds(
    { numerator: pool.quote, denominator: left },
    { numerator: pool.quoteWeight, denominator: baseWeightOf(pool) },
  );
  return (pool.base * (high - POWER_ONE) + POWER_ONE - 1n) / POWER_ONE;
}
