import { type Amount, FIXED_ONE } from '@cairn/core';
import { type SharedEmission, type SubnetFacts, shareByWeight } from './share-rule.ts';

/**
 * By average price, times what the subnet's miners were left: price · (1 − miner burn). When everybody burns
 * everything the price alone decides.
 *
 * What it invites: holding the price up. It takes capital that stays at risk for weeks, since the average is
 * slow, and earns nothing back by turning it over.
 *
 * Source: Bittensor (subtensor, runtime `spec_version` 425), `get_shares`.
 */
export function shareByPrice(
  subnets: readonly Pick<SubnetFacts, 'netuid' | 'priceEma' | 'minerBurned'>[],
  whole: Amount,
): SharedEmission {
  const prices = subnets.map(({ priceEma }) => priceEma);
  const weights = subnets.map(({ priceEma, minerBurned }) => priceEma * BigInt(FIXED_ONE - minerBurned));
  return shareByWeight(subnets, weights.some((weight) => weight > 0n) ? weights : prices, whole);
}
