import type { Amount } from '@cairn/core';
import type { Ratio } from '../fraction/ratio.ts';

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
