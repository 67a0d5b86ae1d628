import type { Amount } from '@cairn/core';
import { apportion } from '../../fraction/apportion.ts';

/** What a share rule may know of a subnet. The caller lists only subnets that may earn at all. */
export interface SubnetFacts {
  readonly netuid: number;
  /** Moving average of its token's price, in any scale that all subnets share. */
  readonly priceEma: bigint;
  /** Raw I32F32 proportion of its last epoch's incentive that went to hotkeys of its owner, who burn it. */
  readonly minerBurned: number;
  /** Moving average of what people put into its pool less what they took out, in any scale that all flows share. */
  readonly userFlow: bigint;
  /** The same of what emission put in, less what root took out. */
  readonly protocolFlow: bigint;
  /**
   * Pebbles burned this epoch by channel claims that name the subnet, less what this epoch has already paid
   * it for them. What it is paid by `usage` is subtracted before the next sharing.
   */
  readonly burnCaused: Amount;
}

/** A sharing. The shares and `left` sum exactly to the whole. */
export interface SharedEmission {
  /** Pebbles of each subnet, in the order of the subnets. */
  readonly shares: readonly Amount[];
  /** Of each share the part that settled usage earned, bounded by `burnCaused`. */
  readonly usage: readonly Amount[];
  /** Pebbles that nobody qualified for, which are not minted. */
  readonly left: Amount;
}

/** A pure function from facts to shares. The order of the subnets changes nothing. */
export type ShareRule = (subnets: readonly SubnetFacts[], whole: Amount) => SharedEmission;

/** The whole by weight and largest remainder, of equal remainders the lower netuid first. */
export function shareByWeight(
  subnets: readonly Pick<SubnetFacts, 'netuid'>[],
  weights: readonly bigint[],
  whole: Amount,
): SharedEmission {
  const shares = apportion(
    whole,
    weights,
    subnets.map(({ netuid }) => netuid),
  );
  const isShared = weights.some((weight) => weight > 0n);
  return { shares, usage: subnets.map(() => 0n), left: isShared ? 0n : whole };
}
