import { areBytesEqual } from '@cairn/core';
import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type Verdict } from '../../execution/message.ts';
import { subnetUnknown } from '../../subnets/problems.ts';
import { type Neuron, neurons, type Subnet, subnets, uids as uidTable } from '../../subnets/state.ts';
import { bringIntoForce } from '../bring-into-force.ts';
import { checkRowForm, checkRowRules } from '../check-row.ts';
import { commitSchemeOf } from '../commit-scheme.ts';
import { type SetWeights, setWeightsShape } from '../messages/set-weights.ts';
import { mechanismUnknown, noPermit, notRegistered, saltNotCommitted, weightsTooSoon } from '../problems.ts';
import { checkSaltReveal } from '../salt-rules.ts';
import { epochs, NO_SALT, type Salt, salts, weights } from '../state.ts';

export const setWeightsMessage = defineMessage({
  id: 48,
  name: 'yuma.setWeights',
  help: "Sets the sending hotkey's weights in the open, on a subnet without commit–reveal, reveals its salt and commits to the next; all mechanisms of an epoch show one salt.",
  shape: setWeightsShape,
  work: ({ uids }) => 10 + (uids.length >> 4),
  apply(context, message) {
    const { state, sender, slot } = context;
    const { netuid, mechanism } = message;
    const subnet = subnets.get(state, netuid);
    if (subnet === undefined) return subnetUnknown(state, netuid);
    const count = subnet.mechanisms.length;
    if (mechanism >= count) return mechanismUnknown(netuid, mechanism, count);
    const uid = uidTable.get(state, netuid, sender);
    if (uid === undefined) return notRegistered(netuid, sender);
    const { epoch } = epochs.get(state, netuid)!;
    const salt = salts.get(state, netuid, uid) ?? NO_SALT;
    const [due, ...remaining] = salt.bound;
    const unfit =
      checkOpen(subnet, netuid) ??
      checkEpoch(epoch, message) ??
      checkRowForm(subnet, message) ??
      checkRowRules(subnet, message) ??
      checkValidator(context, subnet, neurons.get(state, netuid, uid)!, uid, message);
    if (unfit !== null) return unfit;
    const place = { uid, epoch, scoredEpoch: epoch, committedSlot: slot };
    if (count > 1 && isSaltShared(context, salt, uid, message)) {
      bringIntoForce(context, { ...message, ...place, boundSalt: null, remaining: salt.bound });
      return null;
    }
    if (due === undefined) return saltNotCommitted();
    const wrong = checkSaltReveal(context, due, remaining, message);
    if (wrong !== null) return wrong;
    bringIntoForce(context, { ...message, ...place, boundSalt: due, remaining });
    return null;
  },
});

/** Whether weights show the salt that entered the seed with another mechanism's of this epoch. */
function isSaltShared(
  { state }: MessageContext,
  { mixed, mixedEpoch }: Salt,
  uid: number,
  { netuid, mechanism, epoch, salt }: SetWeights,
): boolean {
  if (mixedEpoch !== epoch || !areBytesEqual(mixed, salt)) return false;
  return weights.get(state, netuid, uid, mechanism)?.scoredEpoch !== epoch;
}

function checkOpen({ hyperparameters }: Subnet, netuid: number): Verdict {
  if (commitSchemeOf(hyperparameters.commitReveal) === null) return null;
  return problem(
    'WEIGHTS_COMMIT_ONLY',
    `Subnet ${netuid} takes weights by commit and reveal. Send yuma.commitWeights, and yuma.revealWeights ${hyperparameters.revealEpochs} epochs later.`,
  );
}

/** Late weights are of tasks whose seed is over: nobody could derive them from the epoch they would count in. */
function checkEpoch(epoch: number, { netuid, epoch: scored }: SetWeights): Verdict {
  if (scored === epoch) return null;
  return problem(
    'EPOCH_WRONG',
    `These weights are of epoch ${scored}; subnet ${netuid} is in epoch ${epoch}. Score it anew.`,
  );
}

function checkValidator(
  { state, slot }: MessageContext,
  { hyperparameters }: Subnet,
  neuron: Neuron,
  uid: number,
  { netuid, mechanism, uids }: SetWeights,
): Verdict {
  const isSelfOnly = uids.length === 1 && uids[0] === uid;
  if (!neuron.permit && !isSelfOnly) {
    return noPermit(netuid, uid);
  }
  const last = weights.get(state, netuid, uid, mechanism);
  if (last === undefined) return null;
  const allowedFrom = last.slot + BigInt(hyperparameters.weightsRateLimitSlots);
  return slot < allowedFrom ? weightsTooSoon(uid, last.slot, allowedFrom, slot) : null;
}
