import type { Amount } from '@cairn/core';
import { type Ratio, takeRatio } from '../../fraction/ratio.ts';

/** Denominator of the proportions by which stake is lent to child hotkeys: the largest u64. */
export const CHILD_PROPORTION_ONE: bigint = (1n << 64n) - 1n;

/** Stake of a hotkey. */
export interface OwnStake {
  /** Units of the subnet's token. */
  readonly alpha: Amount;
  /** Pebbles on root. */
  readonly root: Amount;
}

export interface StakeFacts {
  readonly own: OwnStake;
  /** Proportion lent to each child, of `CHILD_PROPORTION_ONE`; together at most that. */
  readonly lent: readonly bigint[];
  /** Parents that lend to this hotkey. */
  readonly borrowed: readonly (OwnStake & { readonly proportion: bigint })[];
}

/** What a proportion lends of a stake. Rounds down: the parent keeps the fraction. */
function lend(amount: Amount, proportion: bigint): Amount {
  return takeRatio(amount, { numerator: proportion, denominator: CHILD_PROPORTION_ONE });
}

/**
 * Stake that a hotkey speaks for: its own less what it lends to children plus what parents lend it. A child
 * gets to the unit what its parent gives, so lending neither makes nor loses stake.
 */
export function stakeSpokenFor({ own, lent, borrowed }: StakeFacts): OwnStake {
  let { alpha, root } = own;
  for (const proportion of lent) {
    alpha -= lend(own.alpha, proportion);
    root -= lend(own.root, proportion);
  }
  for (const parent of borrowed) {
    alpha += lend(parent.alpha, parent.proportion);
    root += lend(parent.root, parent.proportion);
  }
  return { alpha, root };
}

/**
 * Stake of a hotkey in a subnet's consensus: subnet stake plus weighted root stake that it speaks for.
 * Rounds the root part down. In units of the subnet's token.
 *
 * Source: Bittensor (subtensor, runtime `spec_version` 425): S = α + w · τ.
 */
export function stakeOf(facts: StakeFacts, rootWeight: Ratio): Amount {
  const { alpha, root } = stakeSpokenFor(facts);
  return alpha + takeRatio(root, rootWeight);
}
