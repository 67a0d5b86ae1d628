import { type Amount, mulDiv, PEBBLES_PER_CAIRN } from '@cairn/core';
import { nextFlowEma } from '../emission/share-rules/flow.ts';
import type { BlockContext } from '../execution/context.ts';
import type { Ratio } from '../fraction/ratio.ts';
import type { StateView } from '../state/view.ts';
import { medianPrice } from './math/median-price.ts';
import { addLiquidity, baseWeightOf, createPool, PRICE_ONE, poolPrice } from './math/pool.ts';
import { nextPriceEma } from './math/price-ema.ts';
import { swap } from './math/swap.ts';
import { EMA_BITS, FLOW_SCALE, FLOW_ZERO, type Market, markets } from './state.ts';

const PRICE_TO_EMA = 64n - EMA_BITS;

/** Price of a token in pebbles for one token, rounded down. */
export function tokenPrice(market: Market): Amount {
  return mulDiv(poolPrice(market), PEBBLES_PER_CAIRN, PRICE_ONE);
}

/** Price as an exact ratio of pebbles to units. */
export function priceRatio(market: Market): Ratio {
  const denominator = market.quoteWeight * market.base;
  return denominator === 0n
    ? { numerator: 0n, denominator: 1n }
    : { numerator: baseWeightOf(market) * market.quote, denominator };
}

/**
 * The market of a new subnet: what its creator locks is the CAIRN reserve, against tokens at the median price of
 * the others, one CAIRN for a token when there are none.
 */
export function createMarket(
  view: StateView,
  others: readonly number[],
  locked: Amount,
  slot: bigint,
): Market {
  const prices = others.map((netuid) => poolPrice(markets.get(view, netuid)!));
  const price = medianPrice(prices, PRICE_ONE);
  const base = mulDiv(locked, PRICE_ONE, price);
  const pool = createPool(base, locked);
  if (!pool.ok) throw new Error('A pool of even weights always fits.');
  return {
    ...pool.pool,
    outstanding: 0n,
    burned: 0n,
    protocolBase: 0n,
    priceEma: 0n,
    startedSlot: slot,
    minerBurned: 0n,
    userFlow: FLOW_ZERO,
    protocolFlow: FLOW_ZERO,
    userNet: FLOW_ZERO,
    protocolNet: FLOW_ZERO,
    burnCaused: 0n,
  };
}

/**
 * A gift to the reserves that moves no price: fees, emission, what rounding left. Where that would need a weight
 * beyond its bounds, the gift is added as it is, and the price moves a little instead.
 */
export function addToReserves(
  market: Market,
  gift: { readonly base: Amount; readonly quote: Amount },
): Market {
  const weighed = addLiquidity(market, gift);
  return weighed.ok
    ? { ...market, ...weighed.pool }
    : { ...market, base: market.base + gift.base, quote: market.quote + gift.quote };
}

/**
 * The protocol buys along the curve, without fee and before the batch of the block. What cannot buy, for want of a
 * reserve, is added to the pool as it is.
 *
 * @returns the market after it, and the tokens bought, which the caller books
 */
export function buyForProtocol(market: Market, quote: Amount): { market: Market; bought: Amount } {
  const order = {
    side: 'buy',
    amountIn: quote,
    limitPrice: null,
    minOut: 0n,
    isPartialAllowed: false,
  } as const;
  const outcome = swap(market, order, { feeRate: 0n, minimumReserve: 1n });
  if (!outcome.ok) return { market: addToReserves(market, { base: 0n, quote }), bought: 0n };
  return { market: { ...market, ...outcome.swap.pool }, bought: outcome.swap.amountOut };
}

/** The moving averages after the slots of this block; what the last block moved counts in the first of them. */
export function rollAverages({ parameters, slot }: BlockContext, market: Market, slots: bigint): Market {
  const smoothing = { numerator: parameters.priceSmoothing, denominator: 1_000_000n };
  const rules = { smoothing, halfLifeSlots: parameters.priceHalfLifeSlots, ceiling: 1n << EMA_BITS };
  const spot = poolPrice(market) >> PRICE_TO_EMA;
  let { priceEma } = market;
  let userFlow = market.userFlow - FLOW_ZERO;
  let protocolFlow = market.protocolFlow - FLOW_ZERO;
  for (let passed = 1n; passed <= slots; passed += 1n) {
    priceEma = nextPriceEma(priceEma, spot, slot - slots + passed - market.startedSlot, rules);
    userFlow = nextFlowEma(userFlow, passed === 1n ? (market.userNet - FLOW_ZERO) * FLOW_SCALE : 0n);
    protocolFlow = nextFlowEma(
      protocolFlow,
      passed === 1n ? (market.protocolNet - FLOW_ZERO) * FLOW_SCALE : 0n,
    );
  }
  return {
    ...market,
    priceEma,
    userFlow: userFlow + FLOW_ZERO,
    protocolFlow: protocolFlow + FLOW_ZERO,
    userNet: FLOW_ZERO,
    protocolNet: FLOW_ZERO,
  };
}
