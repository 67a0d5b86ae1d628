import { areBytesEqual } from '@cairn/core';
import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type Verdict } from '../../execution/message.ts';
import { beaconCell } from '../../genesis/state.ts';
import { reschedule, scheduledEpoch } from '../../yuma/state.ts';
import { changeHyperparameters } from '../change-hyperparameters.ts';
import { hyperparametersSet } from '../events.ts';
import { setHyperparametersShape } from '../messages/set-hyperparameters.ts';
import { notSubnetOwner, subnetUnknown } from '../problems.ts';
import { type Subnet, subnets } from '../state.ts';

export const setHyperparametersMessage = defineMessage({
  id: 33,
  name: 'subnets.setHyperparameters',
  help: 'Changes hyperparameters of a subnet within their bounds; by its owner, seldom, and not just before an epoch.',
  shape: setHyperparametersShape,
  work: () => 8,
  apply(context, { netuid, changes }) {
    const { state, sender, slot } = context;
    const subnet = subnets.get(state, netuid);
    if (subnet === undefined) return subnetUnknown(state, netuid);
    if (!areBytesEqual(subnet.owner, sender)) return notSubnetOwner(netuid, subnet.owner);
    const early = checkTime(context, netuid, subnet);
    if (early !== null) return early;
    const changed = changeHyperparameters(subnet.hyperparameters, changes, context.parameters);
    if ('refused' in changed) {
      const { name, reason } = changed.refused;
      return problem('HYPERPARAMETER_INVALID', `Hyperparameter ${name}: ${reason}.`);
    }
    const { next } = changed;
    if (next.maxUids < subnet.neuronCount) {
      return problem(
        'HYPERPARAMETER_INVALID',
        `Hyperparameter maxUids: ${next.maxUids} is below the ${subnet.neuronCount} neurons there are.`,
      );
    }
    if (next.commitReveal === 2 && beaconCell.get(state) === null) {
      return problem(
        'BEACON_NONE',
        'The genesis of this network names no randomness beacon to lock weights to. Set commitReveal to 1 or 0.',
      );
    }
    subnets.set(state, netuid, { ...subnet, hyperparameters: next, hyperparametersSlot: slot });
    if (next.tempo !== subnet.hyperparameters.tempo) reschedule(state, netuid, { tempo: next.tempo });
    hyperparametersSet(context, netuid, changes);
    return null;
  },
});

/** Miners and validators can rely on the rules of the epoch they work in, and see a change coming. */
function checkTime({ state, slot, parameters }: MessageContext, netuid: number, subnet: Subnet): Verdict {
  const { lastEpochSlot, tempo } = scheduledEpoch(state, netuid)!;
  const nextEpoch = lastEpochSlot + BigInt(tempo);
  const half = BigInt(tempo) / 2n;
  const { hyperparameterFreezeSlots } = parameters;
  const freezeSlots = hyperparameterFreezeSlots < half ? hyperparameterFreezeSlots : half;
  if (slot + freezeSlots >= nextEpoch) {
    return problem(
      'HYPERPARAMETERS_FROZEN',
      `The epoch of subnet ${netuid} at slot ${nextEpoch} is no more than ${freezeSlots} slots away. Send this after it.`,
    );
  }
  const allowedFrom = subnet.hyperparametersSlot + 2n * BigInt(tempo);
  if (subnet.hyperparametersSlot > 0n && slot < allowedFrom) {
    return problem(
      'HYPERPARAMETERS_SET_RECENTLY',
      `Subnet ${netuid} can be changed again from slot ${allowedFrom}, two tempos after the last change; this is ${slot}.`,
    );
  }
  return null;
}
