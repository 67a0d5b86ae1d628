import { type Amount, mul, mulDiv } from '@cairn/core';

const Q32 = 32n;
const ONE_Q32 = 1n << Q32;
const HALF_Q32 = 1n << 31n;
/** Up to this price a decay step runs on doubles: price · factor stays below 2^69. */
const FAST_PRICE_LIMIT = 1n << 37n;

export interface BurnPriceRules {
  /** Slots in which an idle price halves; 0 keeps it. At most 65,535. */
  readonly halfLifeSlots: number;
  /** Factor of each registration as a ratio, at least one: 126 / 100 by default. */
  readonly increase: { readonly numerator: bigint; readonly denominator: bigint };
  readonly min: Amount;
  readonly max: Amount;
}

function clamp(price: Amount, rules: BurnPriceRules): Amount {
  if (price < rules.min) return rules.min;
  return price > rules.max ? rules.max : price;
}

function powerQ32(base: bigint, exponent: number): bigint {
  let result = ONE_Q32;
  let factor = base;
  for (let left = exponent; left > 0; left >>>= 1) {
    if ((left & 1) === 1) result = (result * factor) >> Q32;
    factor = (factor * factor) >> Q32;
  }
  return result;
}

/**
 * Decay of one slot in Q32: the largest factor whose power to the half-life, rounded down at each squaring,
 * is at most one half.
 *
 * @param halfLifeSlots 0 means no decay.
 */
export function decayFactorQ32(halfLifeSlots: number): bigint {
  if (halfLifeSlots === 0) return ONE_Q32;
  let low = 0n;
  let high = ONE_Q32;
  while (low + 1n < high) {
    const middle = (low + high) / 2n;
    if (powerQ32(middle, halfLifeSlots) > HALF_Q32) high = middle;
    else low = middle;
  }
  return low;
}

/**
 * The price after some slots without a registration: each slot multiplies by the decay factor, rounds down
 * and clamps. Decaying k slots at once equals k single decays, so a price may be brought up to date lazily.
 *
 * Cost: the loop ends once the price stands still, which is after at most halfLife · (bits of the price + 1)
 * steps however many slots have passed, since a half-life at least halves it. 360 slots and 100 CAIRN:
 * 13,000 steps of a few nanoseconds.
 */
export function decayBurnPrice(price: Amount, slots: number, rules: BurnPriceRules): Amount {
  if (slots <= 0) return price;
  const factor = decayFactorQ32(rules.halfLifeSlots);
  let current = price;
  for (let left = slots; left > 0; left -= 1) {
    if (current < FAST_PRICE_LIMIT && rules.min < FAST_PRICE_LIMIT && factor < ONE_Q32) {
      return decaySmall(current, left, Number(factor), rules);
    }
    const next = clamp((current * factor) >> Q32, rules);
    if (next === current) return current;
    current = next;
  }
  return current;
}

function decaySmall(price: Amount, slots: number, factor: number, rules: BurnPriceRules): Amount {
  const min = Number(rules.min);
  const max = Number(rules.max < FAST_PRICE_LIMIT ? rules.max : FAST_PRICE_LIMIT);
  let current = Number(price);
  for (let left = slots; left > 0; left -= 1) {
    const next = Math.max(min, Math.min(max, mul(current, factor)));
    if (next === current) break;
    current = next;
  }
  return BigInt(current);
}

/** The price after a registration at `price`: ⌊price · increase⌋, within the bounds. */
export function raiseBurnPrice(price: Amount, rules: BurnPriceRules): Amount {
  const { numerator, denominator } = rules.increase;
  const raised = mulDiv(price, numerator, denominator);
  return clamp(raised > price ? raised : price, rules);
}
