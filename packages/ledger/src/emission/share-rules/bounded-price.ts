import { type Amount, FIXED_ONE } from '@cairn/core';
import { medianPrice } from '../../pools/math/median-price.ts';
import { type SharedEmission, type SubnetFacts, shareByWeight } from './share-rule.ts';

/** How often the median counts beside the subnet's own price. */
const EQUAL_PARTS = 3n;

/**
 * Three parts equally and one by average price as far as it is no higher than the median, times what its miners were
 * left: 3 · median + min(price, median). So above the median a higher price earns nothing, and the dearest subnet at
 * most a third more than the cheapest. A subnet without a price gets nothing; when everybody burns everything the
 * prices alone decide.
 *
 * What it invites: more subnets in the same hands, each of which earns at least three quarters of an equal share
 * for as long as it keeps its slot. Only whoever sets half of all prices moves the median.
 *
 * @see docs/guide/simulations.md, which says what holding a price up gains under this and under price alone
 */
export function shareByBoundedPrice(
  subnets: readonly Pick<SubnetFacts, 'netuid' | 'priceEma' | 'minerBurned'>[],
  whole: Amount,
): SharedEmission {
  const median = medianPrice(
    subnets.map(({ priceEma }) => priceEma),
    0n,
  );
  const bounded = subnets.map(({ priceEma }) =>
    priceEma === 0n ? 0n : EQUAL_PARTS * median + (priceEma < median ? priceEma : median),
  );
  const weights = subnets.map(({ minerBurned }, index) => bounded[index]! * BigInt(FIXED_ONE - minerBurned));
  return shareByWeight(subnets, weights.some((weight) => weight > 0n) ? weights : bounded, whole);
}
