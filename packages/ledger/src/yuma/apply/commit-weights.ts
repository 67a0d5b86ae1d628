import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type Verdict } from '../../execution/message.ts';
import { MAX_MECHANISMS } from '../../subnets/hyperparameters.ts';
import { subnetUnknown } from '../../subnets/problems.ts';
import { neurons, type Subnet, subnets, uids as uidTable } from '../../subnets/state.ts';
import { commitSchemeOf } from '../commit-scheme.ts';
import { weightsCommitted } from '../events.ts';
import { commitWeightsShape } from '../messages/commit-weights.ts';
import { mechanismUnknown, noPermit, notRegistered, saltNotCommitted, weightsTooSoon } from '../problems.ts';
import { isSaltRipe } from '../salt-rules.ts';
import { findSharedCommit, type MechanismPlace } from '../shared-salt.ts';
import {
  type BoundSalt,
  type EpochState,
  epochs,
  NO_SALT,
  salts,
  type WeightsCommit,
  weights,
  weightsCommits,
} from '../state.ts';

export const commitWeightsMessage = defineMessage({
  id: 51,
  name: 'yuma.commitWeights',
  help: 'Commits the sending validator to its weights of this epoch, which stay secret until it reveals them; replaces its commit of the same epoch and mechanism. Binds the oldest of its salts to them, the same for all mechanisms.',
  shape: commitWeightsShape,
  work: () => 10 + MAX_MECHANISMS,
  apply(context, { netuid, mechanism, epoch: scored, commitment, evidenceRoot }) {
    const { state, sender, slot } = context;
    const subnet = subnets.get(state, netuid);
    if (subnet === undefined) return subnetUnknown(state, netuid);
    const count = subnet.mechanisms.length;
    if (mechanism >= count) return mechanismUnknown(netuid, mechanism, count);
    const scheme = commitSchemeOf(subnet.hyperparameters.commitReveal);
    if (scheme === null) return notSecret(netuid);
    const uid = uidTable.get(state, netuid, sender);
    if (uid === undefined) return notRegistered(netuid, sender);
    if (!neurons.get(state, netuid, uid)!.permit) return noPermit(netuid, uid);
    const current = epochs.get(state, netuid)!;
    const place = { netuid, uid, mechanism };
    const made = weightsCommits.get(state, netuid, uid, mechanism) ?? [];
    const sameEpoch = made.find(({ epoch }) => epoch === current.epoch);
    const shared = sameEpoch ?? findSharedCommit(state, place, count, current.epoch);
    const salt = salts.get(state, netuid, uid) ?? NO_SALT;
    const [oldest, ...rest] = salt.bound;
    const bound = shared?.salt ?? oldest;
    const unfit =
      checkEpoch(netuid, current.epoch, scored) ??
      checkPace(context, subnet, place, made.at(-1)) ??
      checkSalt(bound, current);
    if (unfit !== null || bound === undefined) return unfit;
    const commit: WeightsCommit = {
      epoch: current.epoch,
      // A commit of the same epoch keeps its date, or a change of the period could put a reveal off.
      revealEpoch: shared?.revealEpoch ?? current.epoch + subnet.hyperparameters.revealEpochs,
      slot,
      scheme: scheme.id,
      commitment,
      evidenceRoot,
      salt: bound,
      isSaltShown: false,
    };
    if (shared === undefined) salts.set(state, netuid, uid, { ...salt, bound: rest });
    const kept = made.filter((other) => other !== sameEpoch);
    weightsCommits.set(state, netuid, uid, [...kept, commit], mechanism);
    weightsCommitted(context, { ...place, hotkey: sender, epoch: current.epoch }, commit);
    return null;
  },
});

function notSecret(netuid: number) {
  return problem(
    'COMMIT_REVEAL_OFF',
    `Subnet ${netuid} takes weights in the open. Send yuma.setWeights, or have its owner set commitReveal to 1.`,
  );
}

function checkEpoch(netuid: number, epoch: number, scored: number): Verdict {
  if (scored === epoch) return null;
  return problem(
    'EPOCH_WRONG',
    `This commits weights of epoch ${scored}; subnet ${netuid} is in epoch ${epoch}. Score it anew.`,
  );
}

/** Commits are held to the pace of weights: a validator that floods pays fees and gets nothing in. */
function checkPace(
  { state, slot }: MessageContext,
  { hyperparameters }: Subnet,
  { netuid, uid, mechanism }: MechanismPlace,
  latest: WeightsCommit | undefined,
): Verdict {
  const lastSlot = latest?.slot ?? weights.get(state, netuid, uid, mechanism)?.committedSlot;
  if (lastSlot === undefined) return null;
  const allowedFrom = lastSlot + BigInt(hyperparameters.weightsRateLimitSlots);
  return slot < allowedFrom ? weightsTooSoon(uid, lastSlot, allowedFrom, slot) : null;
}

function checkSalt(salt: BoundSalt | undefined, current: EpochState): Verdict {
  if (salt === undefined) return saltNotCommitted();
  if (isSaltRipe(salt, current)) return null;
  return problem(
    'SALT_TOO_NEW',
    `The salt was committed in epoch ${salt.epoch}, when the seed of epoch ${current.epoch} could be foreseen. Commit weights in the next epoch.`,
  );
}
