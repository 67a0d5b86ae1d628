import { accountIdToAddress, areBytesEqual, formatAmount } from '@cairn/core';
import { startEmission } from '../../emission/state.ts';
import type { BlockContext, MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type TransactionProblem, type Verdict } from '../../execution/message.ts';
import { burnRegistration } from '../../pools/registration.ts';
import { hotkeyUnknown, notHotkeyOwner } from '../../staking/problems.ts';
import { hotkeys } from '../../staking/state.ts';
import { forgetNeuron } from '../../yuma/state.ts';
import { dropAllSealed } from '../../yuma/timelock/state.ts';
import { raiseBurnPrice } from '../burn-price.ts';
import { neuronPruned, neuronRegistered } from '../events.ts';
import { MAX_REVEAL_EPOCHS, MAX_UIDS } from '../hyperparameters.ts';
import { closingFault } from '../lifecycle/closing.ts';
import { type RegisterNeuron, registerNeuronShape } from '../messages/register-neuron.ts';
import { burnRules, neuronPrice } from '../price.ts';
import { subnetUnknown } from '../problems.ts';
import { chooseNeuronToPrune } from '../pruning.ts';
import { type Neuron, neurons, readNeurons, type Subnet, subnets, uids } from '../state.ts';

export const registerNeuronMessage = defineMessage({
  id: 34,
  name: 'subnets.registerNeuron',
  help: 'Gives a hotkey of the sender a uid on a subnet for the price of now; on a full one the least earning neuron makes room.',
  shape: registerNeuronShape,
  /**
   * On a full subnet every neuron and its hotkey are read to find the one that goes, with what it has sealed. Several
   * mechanisms mean so many uids fewer.
   */
  work: () => 2 * MAX_UIDS + MAX_REVEAL_EPOCHS + 22,
  apply(context, message) {
    const { state, sender, slot } = context;
    const { netuid, hotkey } = message;
    const subnet = subnets.get(state, netuid);
    if (subnet === undefined) return subnetUnknown(state, netuid);
    const unfit =
      checkHotkey(context, message) ?? closingFault(context, netuid) ?? checkOpen(context, netuid, subnet);
    if (unfit !== null) return unfit;
    const price = neuronPrice(state, context.parameters, subnet, slot);
    if (price > message.burnLimit) {
      return problem(
        'BURN_LIMIT_EXCEEDED',
        `A neuron on subnet ${netuid} costs ${formatAmount(price)} CAIRN now, your limit is ${formatAmount(message.burnLimit)}. Raise it or wait.`,
      );
    }
    const place = choosePlace(context, netuid, subnet);
    if (typeof place !== 'number') return place;
    const refused = burnRegistration(context, netuid, sender, price);
    if (refused !== null) return refused;
    const isNew = place === subnet.neuronCount;
    if (isNew && place === 0) startEmission(state, netuid);
    if (!isNew) pruneNeuron(context, netuid, place, subnet.mechanisms.length);
    subnets.set(state, netuid, {
      ...subnet,
      neuronCount: isNew ? place + 1 : subnet.neuronCount,
      burn: raiseBurnPrice(price, burnRules(state, context.parameters, subnet)),
      burnSlot: slot,
      registrationHeight: BigInt(context.block.height),
      registrationsAtHeight: registrationsNow(context, subnet) + 1,
    });
    placeNeuron(context, netuid, place, hotkey);
    neuronRegistered(context, netuid, place, { hotkey, coldkey: sender, price });
    return null;
  },
});

function checkHotkey({ state, sender }: MessageContext, { netuid, hotkey }: RegisterNeuron): Verdict {
  const record = hotkeys.get(state, hotkey);
  if (record === undefined) return hotkeyUnknown(hotkey);
  if (!areBytesEqual(record.owner, sender)) return notHotkeyOwner(hotkey, record.owner);
  const uid = uids.get(state, netuid, hotkey);
  if (uid === undefined) return null;
  return problem(
    'ALREADY_REGISTERED',
    `Hotkey ${accountIdToAddress(hotkey)} has uid ${uid} on subnet ${netuid}.`,
  );
}

function registrationsNow({ block }: BlockContext, subnet: Subnet): number {
  return subnet.registrationHeight === BigInt(block.height) ? subnet.registrationsAtHeight : 0;
}

function checkOpen(context: BlockContext, netuid: number, subnet: Subnet): Verdict {
  const { registrationOpen, registrationsPerBlock } = subnet.hyperparameters;
  if (registrationOpen === 0) {
    return problem('REGISTRATION_CLOSED', `The owner of subnet ${netuid} has closed registration.`);
  }
  if (registrationsNow(context, subnet) >= registrationsPerBlock) {
    return problem(
      'REGISTRATIONS_FULL',
      `Subnet ${netuid} takes ${registrationsPerBlock} registrations in a block. Send this again.`,
    );
  }
  return null;
}

/** Uids of the owner's own neurons that never go: as many as the subnet allows, those registered first. */
function protectedUids(
  { state }: BlockContext,
  { owner, hyperparameters }: Subnet,
  members: readonly Neuron[],
): ReadonlySet<number> {
  if (hyperparameters.immuneOwnerUids === 0) return new Set();
  const own = [...members.entries()].filter(([, { hotkey }]) =>
    areBytesEqual(hotkeys.get(state, hotkey)!.owner, owner),
  );
  own.sort(([a, first], [b, second]) =>
    first.registeredSlot === second.registeredSlot
      ? a - b
      : first.registeredSlot < second.registeredSlot
        ? -1
        : 1,
  );
  return new Set(own.slice(0, hyperparameters.immuneOwnerUids).map(([uid]) => uid));
}

/** A free uid, or that of the neuron to prune. */
function choosePlace(context: BlockContext, netuid: number, subnet: Subnet): number | TransactionProblem {
  const { state, slot } = context;
  const { neuronCount, hyperparameters } = subnet;
  if (neuronCount < hyperparameters.maxUids) return neuronCount;
  const members = readNeurons(state, netuid, neuronCount);
  const safe = protectedUids(context, subnet, members);
  const candidates = members.map((neuron, uid) => ({
    uid,
    emission: neuron.emission,
    registeredAt: Number(neuron.registeredSlot),
    isImmune: neuron.registeredSlot + BigInt(hyperparameters.immunitySlots) > slot,
    isProtected: safe.has(uid),
  }));
  const chosen = chooseNeuronToPrune(candidates, hyperparameters.minNonImmuneUids);
  return (
    chosen ??
    problem('NO_UID_FREE', `Subnet ${netuid} is full and none of its neurons may be pruned now. Try later.`)
  );
}

function pruneNeuron(context: BlockContext, netuid: number, uid: number, mechanisms: number): void {
  const { state } = context;
  const neuron = neurons.get(state, netuid, uid)!;
  const record = hotkeys.get(state, neuron.hotkey)!;
  hotkeys.set(state, neuron.hotkey, { ...record, neurons: record.neurons - 1 });
  uids.delete(state, netuid, neuron.hotkey);
  dropAllSealed(context, netuid, uid, mechanisms);
  forgetNeuron(state, netuid, uid, mechanisms);
  neuronPruned(context, netuid, uid, neuron);
}

function placeNeuron({ state, slot }: BlockContext, netuid: number, uid: number, hotkey: Uint8Array): void {
  const record = hotkeys.get(state, hotkey)!;
  hotkeys.set(state, hotkey, { ...record, neurons: record.neurons + 1 });
  uids.set(state, netuid, hotkey, uid);
  neurons.set(state, netuid, uid, {
    hotkey,
    registeredSlot: slot,
    lastUpdateSlot: slot,
    permit: false,
    consensus: 0,
    incentive: 0,
    dividends: 0,
    trust: 0,
    emission: 0n,
    missedReveals: 0,
    withheldEvidence: 0,
  });
}
