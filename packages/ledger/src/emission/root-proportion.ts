import type { Amount } from '@cairn/core';
import type { Supply } from '../flows/supply.ts';
import type { Ratio } from '../fraction/ratio.ts';
import type { Parameters } from '../parameters/table.ts';
import { type Market, tokenIssuance } from '../pools/state.ts';

export interface RootFacts {
  /** Pebbles staked on root by everybody. */
  readonly rootStake: Amount;
  /** What a pebble on root counts for against one unit of a subnet's token. */
  readonly rootWeight: Ratio;
  /** Units of the subnet's token issued: in the pool and outside. */
  readonly alphaIssuance: Amount;
}

/**
 * Root's part of a subnet: w · root / (w · root + issuance), exact. Near one while the subnet's token is
 * young and falling as it is issued. Zero when there is neither.
 *
 * Source: Bittensor (subtensor, runtime `spec_version` 425), `root_proportion`.
 */
export function rootProportion({ rootStake, rootWeight, alphaIssuance }: RootFacts): Ratio {
  const numerator = rootWeight.numerator * rootStake;
  const denominator = numerator + rootWeight.denominator * alphaIssuance;
  return denominator === 0n ? { numerator: 0n, denominator: 1n } : { numerator, denominator };
}

/** What a pebble on root counts for against a unit of any subnet's token. */
export function rootWeightOf({ rootWeight }: Parameters): Ratio {
  return { numerator: rootWeight, denominator: 1n << 64n };
}

/** Root's part of a subnet now. */
export function rootProportionOf(parameters: Parameters, supply: Supply, market: Market): Ratio {
  return rootProportion({
    rootStake: supply.staked,
    rootWeight: rootWeightOf(parameters),
    alphaIssuance: tokenIssuance(market),
  });
}
