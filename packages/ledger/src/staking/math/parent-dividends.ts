import type { Amount } from '@cairn/core';
import { type Ratio, takeRatio } from '../../fraction/ratio.ts';

/** A parent whose stake a child hotkey votes with. */
export interface ParentFacts {
  /** Stake it lends, as consensus counts it. */
  readonly contribution: bigint;
  /** Parent and child have one coldkey, which pays no take to itself. */
  readonly isSameOwner: boolean;
}

export interface ParentDividends {
  readonly child: Amount;
  /** In the order of the parents. */
  readonly parents: readonly Amount[];
}

/**
 * Shares a child hotkey's dividend with the parents whose stake earned it, in proportion to the stake, less
 * the child's take. Parents' parts and takes round down: the child keeps the rest, and nothing is lost.
 *
 * Source: Bittensor (subtensor, runtime `spec_version` 425), `get_parent_child_dividends_distribution`.
 *
 * @param ownContribution the child's own stake, as consensus counts it.
 * @param take the child's share of its parents' parts.
 */
export function shareWithParents(
  dividend: Amount,
  ownContribution: bigint,
  parents: readonly ParentFacts[],
  take: Ratio,
): ParentDividends {
  let total = ownContribution;
  for (const { contribution } of parents) total += contribution;
  let child = dividend;
  const parts = parents.map(({ contribution, isSameOwner }) => {
    if (total === 0n) return 0n;
    const part = (dividend * contribution) / total;
    const kept = isSameOwner ? part : part - takeRatio(part, take);
    child -= kept;
    return kept;
  });
  return { child, parents: parts };
}
