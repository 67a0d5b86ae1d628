import type { BlockContext } from '../execution/context.ts';
import type { Hyperparameters } from '../subnets/hyperparameters.ts';
import type { Neuron } from '../subnets/state.ts';
import { commitSchemeOf, TIMELOCK_SCHEME } from './commit-scheme.ts';
import { type ForfeitReason, type Place, revealMissed, timelockLapsed } from './events.ts';
import { isSaltRipe } from './salt-rules.ts';
import { findSharedCommit } from './shared-salt.ts';
import { epochs, NO_SALT, type Salt, type WeightsCommit, weights, weightsCommits } from './state.ts';
import { hasPulse, lockOfEpoch } from './timelock/rounds.ts';
import { sealedWeights, timelocks } from './timelock/state.ts';

export interface EpochWork {
  readonly netuid: number;
  readonly mechanism: number;
  /** How many the subnet has. */
  readonly mechanisms: number;
  readonly epoch: number;
  readonly members: readonly Neuron[];
  readonly memberSalts: readonly (Salt | undefined)[];
  readonly hyperparameters: Hyperparameters;
}

/**
 * Uids of permit holders that did not do in this epoch, in one mechanism, what they were bound to, and why that costs
 * its dividends there. Secret weights whose epoch this was are dropped: they can never be revealed.
 *
 * Cost: one record read for each neuron, two for each permit holder, one written where a reveal was missed.
 */
export function findMissedWork(context: BlockContext, work: EpochWork): ReadonlyMap<number, ForfeitReason> {
  const missed = new Map<number, ForfeitReason>();
  for (const [uid, neuron] of work.members.entries()) {
    const made = weightsCommits.get(context.state, work.netuid, uid, work.mechanism) ?? [];
    const hasWithheld = dropOverdue(context, work, uid, made);
    if (!neuron.permit) continue;
    if (hasWithheld) missed.set(uid, 'saltWithheld');
    else if (commitSchemeOf(work.hyperparameters.commitReveal) === null) {
      if (isSaltUnused(work.memberSalts[uid], work.epoch)) missed.set(uid, 'saltWithheld');
      else if (isLeftOut(context, work, uid)) missed.set(uid, 'commitMissed');
    } else if (isCommitMissing(context, work, uid, made)) missed.set(uid, 'commitMissed');
  }
  return missed;
}

function dropOverdue(
  context: BlockContext,
  { netuid, mechanism, epoch, members }: EpochWork,
  uid: number,
  made: readonly WeightsCommit[],
): boolean {
  const isOverdue = ({ revealEpoch }: WeightsCommit) => revealEpoch <= epoch;
  const overdue = made.filter(isOverdue);
  if (overdue.length === 0) return false;
  const kept = made.filter((commit) => !isOverdue(commit));
  if (kept.length === 0) weightsCommits.delete(context.state, netuid, uid, mechanism);
  else weightsCommits.set(context.state, netuid, uid, kept, mechanism);
  const place = { netuid, mechanism, uid, hotkey: members[uid]!.hotkey, epoch };
  const missed = overdue.filter((commit) => !hasLapsed(context, place, commit));
  for (const commit of missed) revealMissed(context, place, commit);
  return missed.length > 0;
}

/**
 * Weights that are still sealed lapse: their round was late, or the ledger had no room to open them. Nobody forfeits
 * for that. What was opened and found bad is not sealed any more.
 */
function hasLapsed(context: BlockContext, place: Place, commit: WeightsCommit): boolean {
  const { netuid, uid, mechanism } = place;
  if (sealedWeights.get(context.state, netuid, uid, commit.epoch, mechanism) === undefined) return false;
  const lock = timelocks.find(context.state, netuid, commit.epoch)!;
  sealedWeights.release(context, netuid, uid, commit.epoch, mechanism);
  timelockLapsed(context, place, commit, { round: lock.round, isPulseThere: hasPulse(lock) });
  return true;
}

/** Where weights are set in the open: a salt committed before the epoch was not revealed in it. */
function isSaltUnused(salt: Salt | undefined, epoch: number): boolean {
  if (salt === undefined) return false;
  const isDue = salt.bound.some((bound) => bound.epoch < epoch);
  return salt.replacedEpoch === epoch || (isDue && salt.mixedEpoch !== epoch);
}

/**
 * Where weights are set in the open: who worked in another mechanism, and in this one has weights in force that are
 * of an earlier epoch.
 */
function isLeftOut(
  { state }: BlockContext,
  { netuid, mechanism, epoch, memberSalts }: EpochWork,
  uid: number,
): boolean {
  if (memberSalts[uid]?.mixedEpoch !== epoch) return false;
  const inForce = weights.get(state, netuid, uid, mechanism);
  return inForce !== undefined && inForce.epoch !== epoch;
}

/**
 * Where weights are committed: who has weights in force goes on scoring, or would earn by what it once did. Who
 * cannot, because its next salt is not ripe, owes nothing, as when the subnet took weights in the open till now;
 * unless it gave salts up itself, in this epoch or the one before, or has committed in another mechanism.
 */
function isCommitMissing(
  context: BlockContext,
  { netuid, mechanism, mechanisms, epoch, memberSalts, hyperparameters }: EpochWork,
  uid: number,
  made: readonly WeightsCommit[],
): boolean {
  const { state } = context;
  const inForce = weights.get(state, netuid, uid, mechanism);
  if (inForce === undefined || inForce.scoredEpoch >= epoch) return false;
  if (made.some((commit) => commit.epoch === epoch)) return false;
  const { bound, replacedEpoch } = memberSalts[uid] ?? NO_SALT;
  const [next] = bound;
  const isExcused =
    next !== undefined && !isSaltRipe(next, epochs.get(state, netuid)!) && replacedEpoch + 1 < epoch;
  const shared = findSharedCommit(state, { netuid, uid, mechanism }, mechanisms, epoch);
  if (shared === undefined) return !isExcused && !haveCommitsClosed(context, netuid, epoch, hyperparameters);
  // Others cannot join a commit of the scheme that the subnet had before.
  if (shared.scheme !== hyperparameters.commitReveal) return false;
  return !haveCommitsClosed(context, netuid, epoch, hyperparameters);
}

/** Whether an epoch ran so late that its round was near before it ended: then no commit was taken any more. */
function haveCommitsClosed(
  context: BlockContext,
  netuid: number,
  epoch: number,
  { commitReveal, revealEpochs }: Hyperparameters,
): boolean {
  if (commitReveal !== TIMELOCK_SCHEME) return false;
  const lock = lockOfEpoch(context, netuid, epoch, revealEpochs);
  return lock !== null && BigInt(context.block.timeMs) >= lock.closesMs;
}
