import { defineMessage, problem, type Verdict } from '../../execution/message.ts';
import { MAX_MECHANISMS } from '../../subnets/hyperparameters.ts';
import { subnetUnknown } from '../../subnets/problems.ts';
import { subnets, uids as uidTable } from '../../subnets/state.ts';
import { TIMELOCK_SCHEME } from '../commit-scheme.ts';
import { type RevealWeights, revealWeightsShape } from '../messages/reveal-weights.ts';
import { mechanismUnknown, notRegistered } from '../problems.ts';
import { acceptOpened } from '../reveal-rules.ts';
import { epochs, type WeightsCommit, weightsCommits } from '../state.ts';
import { checkByHand } from '../timelock/by-hand.ts';
import { sealedWeights } from '../timelock/state.ts';

export const revealWeightsMessage = defineMessage({
  id: 52,
  name: 'yuma.revealWeights',
  help: 'Reveals weights that the sending validator committed, in the epoch that is due: they count when it ends, and their salt enters the next seed, once for all mechanisms. One that was refused may be sent again within the epoch.',
  shape: revealWeightsShape,
  work: ({ uids }) => 16 + MAX_MECHANISMS + (uids.length >> 4),
  apply(context, message) {
    const { state, sender } = context;
    const { netuid, mechanism } = message;
    const subnet = subnets.get(state, netuid);
    if (subnet === undefined) return subnetUnknown(state, netuid);
    const count = subnet.mechanisms.length;
    if (mechanism >= count) return mechanismUnknown(netuid, mechanism, count);
    const uid = uidTable.get(state, netuid, sender);
    if (uid === undefined) return notRegistered(netuid, sender);
    const place = { netuid, uid, mechanism };
    const { epoch } = epochs.get(state, netuid)!;
    const made = weightsCommits.get(state, netuid, uid, mechanism) ?? [];
    const commit = made.find((each) => each.epoch === message.epoch);
    if (commit === undefined) return commitUnknown(uid, message, made);
    const unfit =
      checkDue(epoch, commit, made) ??
      checkByHand(context, place, commit) ??
      acceptOpened(context, { subnet, uid, epoch, commit, message });
    if (unfit !== null) return unfit;
    if (commit.scheme === TIMELOCK_SCHEME)
      sealedWeights.release(context, netuid, uid, commit.epoch, mechanism);
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
