import type { Overlay, StateView } from '../state/view.ts';
import { type WeightsCommit, weightsCommits } from './state.ts';

/** One validator in one mechanism. */
export interface MechanismPlace {
  readonly netuid: number;
  readonly uid: number;
  readonly mechanism: number;
}

/**
 * The commit of the validator to weights of an epoch in another mechanism: the tasks of both are drawn with one salt,
 * and both fall due together. Any of them tells; the first is returned.
 *
 * Cost: one record read for each other mechanism.
 *
 * @param mechanisms how many the subnet has
 */
export function findSharedCommit(
  view: StateView,
  { netuid, uid, mechanism }: MechanismPlace,
  mechanisms: number,
  epoch: number,
): WeightsCommit | undefined {
  for (let other = 0; other < mechanisms; other += 1) {
    if (other === mechanism) continue;
    const found = weightsCommits.get(view, netuid, uid, other)?.find((commit) => commit.epoch === epoch);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Notes at the commits of the other mechanisms that the salt of an epoch is public now. */
export function noteSaltShown(
  state: Overlay,
  { netuid, uid, mechanism }: MechanismPlace,
  mechanisms: number,
  epoch: number,
): void {
  for (let other = 0; other < mechanisms; other += 1) {
    const made = other === mechanism ? undefined : weightsCommits.get(state, netuid, uid, other);
    if (made === undefined || !made.some((commit) => commit.epoch === epoch)) continue;
    const noted = made.map((commit) => (commit.epoch === epoch ? { ...commit, isSaltShown: true } : commit));
    weightsCommits.set(state, netuid, uid, noted, other);
  }
}
