import { type AccountId, accountIdToAddress, areBytesEqual } from '@cairn/core';
import { rootWeightOf } from '../../emission/root-proportion.ts';
import type { MessageContext } from '../../execution/context.ts';
import { problem, type Verdict } from '../../execution/message.ts';
import { takeRatio } from '../../fraction/ratio.ts';
import { childDisplaced } from '../events.ts';
import { stakeOf } from '../math/stake-of.ts';
import type { Child } from '../messages/set-children.ts';
import { rootStakeOf } from '../state.ts';
import { tokenPools } from '../token-stake.ts';
import { childrenAt, lendings, MAX_PARENTS, namesChild, parents } from './state.ts';

const without = (list: readonly AccountId[], hotkey: AccountId) =>
  list.filter((entry) => !areBytesEqual(entry, hotkey));

/**
 * Enters a parent at a child. Parents that have stopped make room; in a full list the one that lends least does, if it
 * lends less than the newcomer, and has its stake back at once. So nobody with little stake keeps others out.
 *
 * Cost: four records for each parent of the child.
 */
export function joinChild(
  context: MessageContext,
  netuid: number,
  parent: AccountId,
  { hotkey: child, proportion }: Child,
): Verdict {
  const { state, slot } = context;
  const listed = without(parents.get(state, netuid, child), parent);
  const living = listed.filter((other) => namesChild(lendings.get(state, netuid, other), child, slot));
  if (living.length < MAX_PARENTS) {
    parents.set(state, netuid, child, [...living, parent]);
    return null;
  }
  const offered = loanOf(context, netuid, parent, proportion);
  let [least, lends] = [living[0]!, loanTo(context, netuid, living[0]!, child)];
  for (const other of living.slice(1)) {
    const loan = loanTo(context, netuid, other, child);
    if (loan < lends) [least, lends] = [other, loan];
  }
  if (offered <= lends) {
    return problem(
      'CHILD_FULL',
      `${accountIdToAddress(child)} has ${living.length} parents on subnet ${netuid}, the most there may be; the least lends stake of ${lends}, this would lend ${offered}. Lend more, or to another.`,
    );
  }
  dropChild(context, netuid, least, child);
  parents.set(state, netuid, child, [...without(living, least), parent]);
  childDisplaced(context, netuid, least, child);
  return null;
}

/** Takes a child out of a lending, from now on. */
function dropChild({ state }: MessageContext, netuid: number, parent: AccountId, child: AccountId): void {
  const lending = lendings.get(state, netuid, parent)!;
  const others = (children: readonly Child[]) =>
    children.filter((entry) => !areBytesEqual(entry.hotkey, child));
  const next = lending.next === null ? null : { ...lending.next, children: others(lending.next.children) };
  lendings.set(state, netuid, parent, { ...lending, children: others(lending.children), next });
}

/** What a part of a hotkey's stake counts for in consensus. */
function loanOf(
  { state, parameters }: MessageContext,
  netuid: number,
  parent: AccountId,
  proportion: bigint,
): bigint {
  const own = {
    alpha: tokenPools.get(state, netuid, parent).totalStake,
    root: rootStakeOf(state, parent),
  };
  const whole = stakeOf({ own, lent: [], borrowed: [] }, rootWeightOf(parameters));
  return takeRatio(whole, { numerator: proportion, denominator: 1n << 64n });
}

function loanTo(context: MessageContext, netuid: number, parent: AccountId, child: AccountId): bigint {
  const lending = lendings.get(context.state, netuid, parent)!;
  const named = [...(lending.next?.children ?? []), ...childrenAt(lending, context.slot)];
  const { proportion } = named.find((entry) => areBytesEqual(entry.hotkey, child))!;
  return loanOf(context, netuid, parent, proportion);
}

/** Strikes a parent off the list of a child. */
export function leaveChild(
  { state }: MessageContext,
  netuid: number,
  parent: AccountId,
  child: AccountId,
): void {
  parents.set(state, netuid, child, without(parents.get(state, netuid, child), parent));
}
