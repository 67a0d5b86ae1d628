import { type AccountId, areBytesEqual } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import { neurons, subnets } from '../subnets/state.ts';
import { readMemberStakes, stakeThatCounts } from '../yuma/member-stakes.ts';
import { MAX_JUDGES } from './limits.ts';
import type { Judge } from './round.ts';

/** Neurons that are looked at while an epoch has given no permits yet. */
const MAX_WITHOUT_PERMIT = 256;

/**
 * Who judges on a subnet now: those with a validator permit and stake, the `MAX_JUDGES` with most. Before the first
 * epoch has given permits, those with most stake of its first neurons.
 *
 * Cost: one record for each neuron, at most 4,096, and those of the stake of each permit holder, at most 256.
 */
export function readJudges({ state, parameters, slot }: BlockContext, netuid: number): Judge[] {
  const count = subnets.get(state, netuid)?.neuronCount ?? 0;
  const all = Array.from({ length: count }, (_, uid) => neurons.get(state, netuid, uid)!);
  const permitted = all.filter(({ permit }) => permit);
  const asked = permitted.length > 0 ? permitted : all.slice(0, MAX_WITHOUT_PERMIT);
  const stakes = readMemberStakes(state, netuid, asked, slot);
  return asked
    .map(({ hotkey }, at): Judge => ({ hotkey, stake: stakeThatCounts(parameters, stakes[at]!) }))
    .filter(({ stake }) => stake > 0n)
    .sort((one, other) => (one.stake === other.stake ? 0 : one.stake > other.stake ? -1 : 1))
    .slice(0, MAX_JUDGES);
}

export const stakeOf = (judges: readonly Judge[]): bigint =>
  judges.reduce((sum, { stake }) => sum + stake, 0n);

/** Place of a hotkey among the judges; −1 when it is none. */
export const placeOfJudge = (judges: readonly Judge[], hotkey: AccountId): number =>
  judges.findIndex((judge) => areBytesEqual(judge.hotkey, hotkey));

/** Whether a set of judges, a bit each, has a judge; and the set with it. At most 32, so the bits fit a u32. */
export const hasJudge = (set: number, judge: number): boolean => ((set >>> judge) & 1) === 1;
export const withJudge = (set: number, judge: number): number => (set | (1 << judge)) >>> 0;

/** How many judges are in a set. */
export function countJudges(set: number): number {
  let count = 0;
  for (let judge = 0; judge < MAX_JUDGES; judge += 1) if (hasJudge(set, judge)) count += 1;
  return count;
}
