import { bytesToHex } from '@cairn/core';
import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type Verdict } from '../../execution/message.ts';
import { MAX_MECHANISMS } from '../../subnets/hyperparameters.ts';
import { subnetUnknown } from '../../subnets/problems.ts';
import { type Subnet, subnets, uids as uidTable } from '../../subnets/state.ts';
import { bringIntoForce } from '../bring-into-force.ts';
import { checkRowForm, checkRowRules } from '../check-row.ts';
import { commitSchemeOf } from '../commit-scheme.ts';
import { type RevealWeights, revealWeightsShape } from '../messages/reveal-weights.ts';
import { mechanismUnknown, notRegistered } from '../problems.ts';
import { checkSaltReveal, checkSaltShown } from '../salt-rules.ts';
import { noteSaltShown } from '../shared-salt.ts';
import { epochs, NO_SALT, salts, type WeightsCommit, weightsCommits } from '../state.ts';

export const revealWeightsMessage = defineMessage({
  id: 52,
  name: 'yuma.revealWeights',
  help: 'Reveals weights that the sending validator committed, in the epoch that is due: they count when it ends, and their salt enters the next seed, once for all mechanisms. One that was refused may be sent again within the epoch.',
  shape: revealWeightsShape,
  work: ({ uids }) => 12 + MAX_MECHANISMS + (uids.length >> 4),
  apply(context, message) {
    const { state, sender } = context;
    const { netuid, mechanism } = message;
    const subnet = subnets.get(state, netuid);
    if (subnet === undefined) return subnetUnknown(state, netuid);
    const count = subnet.mechanisms.length;
    if (mechanism >= count) return mechanismUnknown(netuid, mechanism, count);
    const uid = uidTable.get(state, netuid, sender);
    if (uid === undefined) return notRegistered(netuid, sender);
    const { epoch } = epochs.get(state, netuid)!;
    const made = weightsCommits.get(state, netuid, uid, mechanism) ?? [];
    const commit = made.find((each) => each.epoch === message.epoch);
    if (commit === undefined) return commitUnknown(uid, message, made);
    const { bound: remaining } = salts.get(state, netuid, uid) ?? NO_SALT;
    const unfit =
      checkDue(epoch, commit, made) ??
      (commit.isSaltShown
        ? checkSaltShown(context, commit.salt, message)
        : checkSaltReveal(context, commit.salt, remaining, message)) ??
      checkOpening(context, commit, message) ??
      checkRowForm(subnet, message) ??
      checkRules(subnet, commit, message);
    if (unfit !== null) return unfit;
    const kept = made.filter((other) => other !== commit);
    if (kept.length === 0) weightsCommits.delete(state, netuid, uid, mechanism);
    else weightsCommits.set(state, netuid, uid, kept, mechanism);
    if (!commit.isSaltShown) noteSaltShown(state, { netuid, uid, mechanism }, count, commit.epoch);
    bringIntoForce(context, {
      ...message,
      uid,
      epoch,
      scoredEpoch: commit.epoch,
      committedSlot: commit.slot,
      evidenceRoot: commit.evidenceRoot,
      boundSalt: commit.isSaltShown ? null : commit.salt,
      remaining,
    });
    return null;
  },
});

function commitUnknown(uid: number, { mechanism, epoch }: RevealWeights, made: readonly WeightsCommit[]) {
  const listed = made.map((commit) => `epoch ${commit.epoch}, due in ${commit.revealEpoch}`).join('; ');
  return problem(
    'COMMIT_UNKNOWN',
    `Uid ${uid} has no secret weights of epoch ${epoch} in mechanism ${mechanism}: it committed none, revealed them, or let their epoch pass. There are: ${listed || 'none'}.`,
  );
}

/** One at a time and the oldest first, so that the latest weights are the ones in force. */
function checkDue(epoch: number, commit: WeightsCommit, made: readonly WeightsCommit[]): Verdict {
  if (epoch < commit.revealEpoch) {
    return problem(
      'REVEAL_TOO_EARLY',
      `The weights of epoch ${commit.epoch} are due in epoch ${commit.revealEpoch}; this is ${epoch}. Keep them secret until then.`,
    );
  }
  const first = made.find(({ revealEpoch }) => revealEpoch <= epoch);
  if (first === undefined || first === commit) return null;
  return problem(
    'REVEAL_OUT_OF_ORDER',
    `The weights of epoch ${first.epoch} are due too and come first. Reveal them, then those of ${commit.epoch}.`,
  );
}

function checkOpening(
  { crypto, sender }: MessageContext,
  commit: WeightsCommit,
  message: RevealWeights,
): Verdict {
  const scheme = commitSchemeOf(commit.scheme);
  if (scheme?.isCommitmentTo(crypto, commit.commitment, { ...message, validator: sender }) === true)
    return null;
  return problem(
    'COMMITMENT_WRONG',
    `These weights are not those of the commitment ${bytesToHex(commit.commitment)}. Reveal exactly what was committed.`,
  );
}

/** Weights that were committed before the owner changed the rules are judged by their form alone. */
function checkRules(subnet: Subnet, { slot }: WeightsCommit, message: RevealWeights): Verdict {
  return subnet.hyperparametersSlot >= slot ? null : checkRowRules(subnet, message);
}
