import { type Amount, U16_MAX } from '@cairn/core';
import { apportion } from '../fraction/apportion.ts';
import { type Ratio, takeRatio } from '../fraction/ratio.ts';

/** What each role gets of a subnet's emission. The four parts sum to the whole. */
export interface RoleSplit {
  readonly owner: Amount;
  readonly miners: Amount;
  /** Validators and their stakers on the subnet. */
  readonly validators: Amount;
  /** Validators and their stakers on root. */
  readonly root: Amount;
}

/**
 * The owner's cut first; of the rest half to miners and half to validators, of which root gets its
 * proportion. Every part is rounded down but the validators', who keep what is left.
 *
 * Source: Bittensor (subtensor, runtime `spec_version` 425), `coinbase`: 18, 41 and 41 of a hundred.
 */
export function splitByRole(amount: Amount, ownerCut: Ratio, rootPart: Ratio): RoleSplit {
  const owner = takeRatio(amount, ownerCut);
  const rest = amount - owner;
  const miners = rest / 2n;
  const root = takeRatio(rest - miners, rootPart);
  return { owner, miners, validators: rest - miners - root, root };
}

/**
 * Emission of a subnet's mechanisms: by the owner's split in parts of 65,535, or evenly without one that has
 * an entry for each. Rounded down; the rest goes to the first mechanism.
 *
 * Source: Bittensor (subtensor, runtime `spec_version` 425), `split_emissions`.
 *
 * @param count at least one.
 * @param parts one u16 for each mechanism. Parts beyond the whole get nothing.
 */
export function splitByMechanism(amount: Amount, count: number, parts: readonly number[] | null): Amount[] {
  const isSplit = parts !== null && parts.length === count;
  let left = amount;
  const shares = Array.from({ length: count }, (_, index): Amount => {
    const wanted = isSplit ? (amount * BigInt(parts[index]!)) / BigInt(U16_MAX) : amount / BigInt(count);
    const share = wanted < left ? wanted : left;
    left -= share;
    return share;
  });
  shares[0]! += left;
  return shares;
}

/** A validator at an epoch. */
export interface DividendFacts {
  /** Units of the subnet's token at its hotkey. */
  readonly alphaStake: Amount;
  /** Pebbles on root at its hotkey. */
  readonly rootStake: Amount;
  /** What it earned by Yuma, in any unit that all share. */
  readonly dividend: Amount;
}

/** What stakers of each validator get, in the order of the validators. */
export interface SplitDividends {
  readonly alpha: readonly Amount[];
  readonly root: readonly Amount[];
}

/**
 * Shares out what an epoch pays to stakers. Each validator's dividend is divided by what backs it, subnet
 * stake against weighted root stake; the two purses are then shared in proportion to those halves, so that
 * stakers of one kind are paid from their own purse however validators mix them.
 *
 * Largest remainder: a purse is paid out whole, or not at all when nobody has that kind of stake behind a
 * dividend. The halves are cut in 64 fractional bits, the root half rounded down.
 *
 * Source: Bittensor (subtensor, runtime `spec_version` 425), `calculate_dividend_distribution`,
 * which leaves the fractions unpaid.
 *
 * @param alphaPurse units of the token for stakers on the subnet.
 * @param rootPurse units of the token for stakers on root.
 */
export function splitDividends(
  validators: readonly DividendFacts[],
  alphaPurse: Amount,
  rootPurse: Amount,
  rootWeight: Ratio,
): SplitDividends {
  const rootHalves: bigint[] = [];
  const alphaHalves: bigint[] = [];
  for (const { alphaStake, rootStake, dividend } of validators) {
    const rootBacking = rootStake * rootWeight.numerator;
    const backing = alphaStake * rootWeight.denominator + rootBacking;
    const whole = dividend << 64n;
    const rootHalf = backing === 0n ? 0n : (whole * rootBacking) / backing;
    rootHalves.push(rootHalf);
    alphaHalves.push(whole - rootHalf);
  }
  return { alpha: apportion(alphaPurse, alphaHalves), root: apportion(rootPurse, rootHalves) };
}
