import { type AccountId, type Amount, areBytesEqual } from '@cairn/core';
import type { StateView } from '../../state/view.ts';
import { type OwnStake, stakeSpokenFor } from '../math/stake-of.ts';
import { rootStakeOf } from '../state.ts';
import { tokenPools } from '../token-stake.ts';
import { childrenAt, lendings, parents } from './state.ts';

/** What one parent lends to a child. */
export interface Loan extends OwnStake {
  readonly parent: AccountId;
}

/** The stake that a hotkey speaks for on a subnet, and whose it is. */
export interface SpokenStake {
  /** Tokens of the subnet: its own less what it lends, and what is lent to it. */
  readonly alphaStake: Amount;
  /** Pebbles on root, likewise. */
  readonly rootStake: Amount;
  /** Of both what is its own and not lent. */
  readonly kept: OwnStake;
  readonly loans: readonly Loan[];
}

const ownStake = (view: StateView, netuid: number, hotkey: AccountId): OwnStake => ({
  alpha: tokenPools.get(view, netuid, hotkey).totalStake,
  root: rootStakeOf(view, hotkey),
});

/**
 * Stake is lent once: a child speaks for its parents' own stake, never for what was lent to them, so that no chain or
 * ring of hotkeys makes any.
 *
 * Cost: four records, and three for each parent, at most `MAX_PARENTS`.
 */
export function readSpokenStake(
  view: StateView,
  netuid: number,
  hotkey: AccountId,
  slot: bigint,
): SpokenStake {
  const own = ownStake(view, netuid, hotkey);
  const lending = lendings.get(view, netuid, hotkey);
  const lenders = parents.get(view, netuid, hotkey);
  // Most hotkeys neither lend nor borrow.
  if (lending === undefined && lenders.length === 0)
    return { alphaStake: own.alpha, rootStake: own.root, kept: own, loans: [] };
  const lent = childrenAt(lending, slot).map(({ proportion }) => proportion);
  const kept = stakeSpokenFor({ own, lent, borrowed: [] });
  const loans = lenders.flatMap((parent): Loan[] => {
    const child = childrenAt(lendings.get(view, netuid, parent), slot).find((entry) =>
      areBytesEqual(entry.hotkey, hotkey),
    );
    if (child === undefined) return [];
    const borrowed = [{ ...ownStake(view, netuid, parent), proportion: child.proportion }];
    return [{ parent, ...stakeSpokenFor({ own: { alpha: 0n, root: 0n }, lent: [], borrowed }) }];
  });
  return {
    alphaStake: loans.reduce((sum, { alpha }) => sum + alpha, kept.alpha),
    rootStake: loans.reduce((sum, { root }) => sum + root, kept.root),
    kept,
    loans,
  };
}
