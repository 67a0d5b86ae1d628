import { type Amount, mulDiv } from '@cairn/core';
import { shareByBoundedPrice } from './bounded-price.ts';
import { shareByPrice } from './price.ts';
import type { SharedEmission, SubnetFacts } from './share-rule.ts';
import { shareByUsage } from './usage.ts';

export interface BlendRules {
  /** Most of the whole that usage earns, in basis points. */
  readonly usageBps: bigint;
}

/** Up to half to settled usage. */
const DEFAULT_BLEND: BlendRules = { usageBps: 5_000n };

type Blended = Pick<SubnetFacts, 'netuid' | 'priceEma' | 'minerBurned' | 'burnCaused'>;

/**
 * Usage first, up to its part of the whole; everything that usage did not earn by another rule, which must not look
 * at usage. A young network without users is carried by that; as users come, at least half stays with it, so that a
 * subnet still growing its use can live.
 *
 * What a subnet gains by burning is at most the burn, to within the pebble that rounding may move: its usage
 * share is at most that, and what is left to share otherwise falls.
 */
function usageFirst(
  subnets: readonly Blended[],
  whole: Amount,
  { usageBps }: BlendRules,
  shareRest: (subnets: readonly Blended[], whole: Amount) => SharedEmission,
): SharedEmission {
  const purse = mulDiv(whole, usageBps, 10_000n);
  const used = shareByUsage(subnets, purse);
  const rest = shareRest(subnets, whole - purse + used.left);
  return {
    shares: rest.shares.map((share, index) => share + used.shares[index]!),
    usage: used.usage,
    left: rest.left,
  };
}

/** Usage first, the rest by price. */
export function shareByBlend(
  subnets: readonly Blended[],
  whole: Amount,
  rules: BlendRules = DEFAULT_BLEND,
): SharedEmission {
  return usageFirst(subnets, whole, rules, shareByPrice);
}

/** Usage first, the rest by price as far as it counts: see {@link shareByBoundedPrice}. */
export function shareByBoundedBlend(
  subnets: readonly Blended[],
  whole: Amount,
  rules: BlendRules = DEFAULT_BLEND,
): SharedEmission {
  return usageFirst(subnets, whole, rules, shareByBoundedPrice);
}
