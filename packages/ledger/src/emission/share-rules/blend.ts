import { type Amount, mulDiv } from '@cairn/core';
import { shareByPrice } from './price.ts';
import type { SharedEmission, SubnetFacts } from './share-rule.ts';
import { shareByUsage } from './usage.ts';

export interface BlendRules {
  /** Most of the whole that usage earns, in basis points. */
  readonly usageBps: bigint;
}

/** Up to half to settled usage, the rest by price. */
const DEFAULT_BLEND: BlendRules = { usageBps: 5_000n };

/**
 * Usage first, up to its part of the whole; everything that usage did not earn by price. A young network
 * without users is carried by those who put capital behind subnets; as users come, at least half stays with
 * capital, so that a subnet still growing its use can live.
 *
 * What a subnet gains by burning is at most the burn, to within the pebble that rounding may move: its usage
 * share is at most that, and what is left to share by price falls.
 */
export function shareByBlend(
  subnets: readonly Pick<SubnetFacts, 'netuid' | 'priceEma' | 'minerBurned' | 'burnCaused'>[],
  whole: Amount,
  { usageBps }: BlendRules = DEFAULT_BLEND,
): SharedEmission {
  const purse = mulDiv(whole, usageBps, 10_000n);
  const used = shareByUsage(subnets, purse);
  const priced = shareByPrice(subnets, whole - purse + used.left);
  return {
    shares: priced.shares.map((share, index) => share + used.shares[index]!),
    usage: used.usage,
    left: priced.left,
  };
}
