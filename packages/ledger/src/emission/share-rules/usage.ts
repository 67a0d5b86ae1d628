import type { Amount } from '@cairn/core';
import { type SharedEmission, type SubnetFacts, shareByWeight } from './share-rule.ts';

/**
 * By settled usage: a subnet gets back at most the pebbles that claims naming it burned. When more was
 * burned than there is to share, it is shared in proportion to the burn; when less, the rest is left.
 *
 * A subnet that pays itself burns a part of every claim to be given at most that part, so that washing at
 * best breaks even and nobody has to be told apart.
 */
export function shareByUsage(
  subnets: readonly Pick<SubnetFacts, 'netuid' | 'burnCaused'>[],
  whole: Amount,
): SharedEmission {
  const burns = subnets.map(({ burnCaused }) => burnCaused);
  let burned = 0n;
  for (const burn of burns) burned += burn;
  // Either everybody's quota is the burn itself, or it is below it, so no remainder lifts a share above its burn.
  const shared = burned < whole ? burned : whole;
  const { shares } = shareByWeight(subnets, burns, shared);
  return { shares, usage: shares, left: whole - shared };
}
