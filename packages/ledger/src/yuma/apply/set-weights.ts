import { areBytesEqual, bytesToHex, maxUpscaleWeights } from '@cairn/core';
import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type Verdict } from '../../execution/message.ts';
import { subnetUnknown } from '../../subnets/problems.ts';
import { type Neuron, neurons, type Subnet, subnets, uids as uidTable } from '../../subnets/state.ts';
import { weightsSet } from '../events.ts';
import { type SetWeights, setWeightsShape } from '../messages/set-weights.ts';
import { noPermit, notRegistered } from '../problems.ts';
import { rowToBytes } from '../row-bytes.ts';
import { epochs, type Salt, saltCommitment, salts, weights } from '../state.ts';

export const setWeightsMessage = defineMessage({
  id: 48,
  name: 'yuma.setWeights',
  help: "Sets the sending hotkey's weights on a subnet, reveals its salt and commits to the next.",
  shape: setWeightsShape,
  work: ({ uids }) => 10 + (uids.length >> 4),
  apply(context, message) {
    const { state, sender, slot } = context;
    const { netuid, salt, nextSaltCommitment, evidenceRoot, version } = message;
    const subnet = subnets.get(state, netuid);
    if (subnet === undefined) return subnetUnknown(state, netuid);
    const uid = uidTable.get(state, netuid, sender);
    if (uid === undefined) return notRegistered(netuid, sender);
    const neuron = neurons.get(state, netuid, uid)!;
    const committed = salts.get(state, netuid, uid);
    const { epoch } = epochs.get(state, netuid)!;
    const unfit =
      checkEpoch(epoch, message) ??
      checkRow(subnet, message) ??
      checkValidator(context, subnet, neuron, uid, message) ??
      checkSalt(context, committed, message);
    if (unfit !== null || committed === undefined) return unfit;
    const isMixed = neuron.permit && committed.committedEpoch < epoch;
    const row = { uids: Uint16Array.from(message.uids), values: maxUpscaleWeights(message.values) };
    weights.set(state, netuid, uid, { row: rowToBytes(row), slot, epoch, version, evidenceRoot });
    neurons.set(state, netuid, uid, { ...neuron, lastUpdateSlot: slot });
    salts.set(state, netuid, uid, {
      ...committed,
      commitment: nextSaltCommitment,
      committedEpoch: epoch,
      ...(isMixed ? { mixed: salt, mixedEpoch: epoch } : {}),
    });
    weightsSet(context, { netuid, uid, hotkey: sender, epoch }, message);
    return null;
  },
});

/** Late weights are of tasks whose seed is over: nobody could derive them from the epoch they would count in. */
function checkEpoch(epoch: number, { netuid, epoch: scored }: SetWeights): Verdict {
  if (scored === epoch) return null;
  return problem(
    'EPOCH_WRONG',
    `These weights are of epoch ${scored}; subnet ${netuid} is in epoch ${epoch}. Score it anew.`,
  );
}

function checkRow({ neuronCount, hyperparameters }: Subnet, { uids, values, version }: SetWeights): Verdict {
  if (uids.length !== values.length) {
    return problem('WEIGHTS_UNEVEN', `${uids.length} uids have ${values.length} values. Give each its own.`);
  }
  const unsorted = uids.findIndex((uid, index) => index > 0 && uid <= uids[index - 1]!);
  if (unsorted >= 0) {
    return problem(
      'WEIGHTS_UNSORTED',
      `Uid ${uids[unsorted]} follows ${uids[unsorted - 1]}: sort the uids and name each once.`,
    );
  }
  const last = uids.at(-1);
  if (last !== undefined && last >= neuronCount) {
    return problem('UID_UNKNOWN', `There is no uid ${last}; the subnet has ${neuronCount} neurons.`);
  }
  const fewest = Math.min(hyperparameters.minAllowedWeights, neuronCount);
  if (uids.length < fewest) {
    return problem(
      'WEIGHTS_TOO_FEW',
      `${uids.length} uids are fewer than the ${fewest} this subnet wants. Add zeros for those not scored.`,
    );
  }
  if (version < hyperparameters.weightsVersion) {
    return problem(
      'WEIGHTS_VERSION_OLD',
      `Version ${version} of the mechanism is below ${hyperparameters.weightsVersion}. Upgrade the validator.`,
    );
  }
  return null;
}

function checkValidator(
  { state, slot }: MessageContext,
  { hyperparameters }: Subnet,
  neuron: Neuron,
  uid: number,
  { netuid, uids }: SetWeights,
): Verdict {
  const isSelfOnly = uids.length === 1 && uids[0] === uid;
  if (!neuron.permit && !isSelfOnly) {
    return noPermit(netuid, uid);
  }
  const last = weights.get(state, netuid, uid);
  const allowedFrom = (last?.slot ?? 0n) + BigInt(hyperparameters.weightsRateLimitSlots);
  if (last !== undefined && slot < allowedFrom) {
    return problem(
      'WEIGHTS_TOO_SOON',
      `Uid ${uid} set weights at slot ${last.slot}; it may again from slot ${allowedFrom}, this is ${slot}.`,
    );
  }
  return null;
}

function checkSalt(
  { crypto, sender }: MessageContext,
  committed: Salt | undefined,
  { netuid, salt, nextSaltCommitment }: SetWeights,
): Verdict {
  if (committed === undefined)
    return problem('SALT_NOT_COMMITTED', 'Commit to a salt before the first weights.');
  if (!areBytesEqual(saltCommitment(crypto, netuid, sender, salt), committed.commitment)) {
    return problem(
      'SALT_WRONG',
      `This salt does not match the commitment ${bytesToHex(committed.commitment)}. Reveal the one committed.`,
    );
  }
  if (areBytesEqual(nextSaltCommitment, committed.commitment))
    return problem('SALT_REUSED', 'The next salt is the one revealed here. Draw another at random.');
  return null;
}
