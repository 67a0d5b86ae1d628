import type { Amount } from '@cairn/core';
import { compareRatios, type Ratio } from '../../fraction/ratio.ts';
import type { Side } from './curve.ts';
import { PRICE_ONE } from './pool.ts';

export interface EffectiveLimit {
  readonly limit: Ratio;
  /** At the limit the whole order brings a single unit, so that a part of it would bring nothing. */
  readonly isOneUnit: boolean;
}

/**
 * The one price that stands for both bounds of an order: a buyer's highest, a seller's lowest. `minOut` of
 * `net` is a price too, and exactly so: at a price within it the whole of `net` brings at least `minOut`, or
 * one unit where less was asked, so nobody's whole order pays for nothing.
 *
 * @param limitPrice Q64
 * @param net what is left of the amount after the fee; above zero.
 */
export function effectiveLimit(
  side: Side,
  net: Amount,
  limitPrice: bigint | null,
  minOut: Amount,
): EffectiveLimit {
  const least = minOut > 1n ? minOut : 1n;
  const byOutput: EffectiveLimit = {
    limit: side === 'buy' ? { numerator: net, denominator: least } : { numerator: least, denominator: net },
    isOneUnit: least === 1n,
  };
  if (limitPrice === null) return byOutput;
  const byPrice: Ratio = { numerator: limitPrice, denominator: PRICE_ONE };
  const isPriceStricter = compareRatios(byPrice, byOutput.limit) < 0 === (side === 'buy');
  return isPriceStricter ? { limit: byPrice, isOneUnit: false } : byOutput;
}
