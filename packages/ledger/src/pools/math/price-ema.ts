import { moveTowards, type Ratio } from '../../fraction/ratio.ts';

export interface PriceEmaRules {
  /** Weight of one slot's price once the average is old: 3 / 1,000,000 by default. At most one. */
  readonly smoothing: Ratio;
  /** Age in slots at which a price weighs half of that: 201,600 (four weeks) by default. */
  readonly halfLifeSlots: bigint;
  /** Prices above this count as this, in the scale of the prices: one CAIRN for a token. */
  readonly ceiling: bigint;
}

/**
 * Moving average of a token's price after one more slot. A young average moves slower, by age / (age + half-
 * life), so that a price made in the first days of a subnet buys little emission.
 *
 * Rounded towards the previous average: a price has to stay to be seen.
 *
 * @param previous average before the slot, in any scale that all prices share.
 * @param spot price of the pool at the slot.
 * @param ageSlots slots since the subnet was started.
 *
 * Source: Bittensor (subtensor, runtime `spec_version` 425), `update_moving_price`.
 */
export function nextPriceEma(previous: bigint, spot: bigint, ageSlots: bigint, rules: PriceEmaRules): bigint {
  const { smoothing, halfLifeSlots, ceiling } = rules;
  if (ageSlots <= 0n) return previous;
  return moveTowards(previous, spot < ceiling ? spot : ceiling, {
    numerator: smoothing.numerator * ageSlots,
    denominator: smoothing.denominator * (ageSlots + halfLifeSlots),
  });
}
