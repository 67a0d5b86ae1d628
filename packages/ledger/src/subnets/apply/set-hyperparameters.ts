import { areBytesEqual } from '@cairn/core';
import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type Verdict } from '../../execution/message.ts';
import { beaconCell } from '../../genesis/state.ts';
import { reschedule } from '../../yuma/state.ts';
import { changeHyperparameters } from '../change-hyperparameters.ts';
import { changeDelay } from '../change-time.ts';
import { hyperparametersSet } from '../events.ts';
import { MAX_UIDS } from '../hyperparameters.ts';
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
    const tooLarge = checkSize(subnet, next.maxUids);
    if (tooLarge !== null) return tooLarge;
    subnets.set(state, netuid, { ...subnet, hyperparameters: next, hyperparametersSlot: slot });
    if (next.tempo !== subnet.hyperparameters.tempo) reschedule(state, netuid, { tempo: next.tempo });
    hyperparametersSet(context, netuid, changes);
    return null;
  },
});

/** Most uids for each of the mechanisms there are or will be: together they stay within `MAX_UIDS`. */
function checkSize({ mechanisms, announcedParts }: Subnet, maxUids: number): Verdict {
  const count = Math.max(mechanisms.length, announcedParts.length);
  if (count * maxUids <= MAX_UIDS) return null;
  return problem(
    'HYPERPARAMETER_INVALID',
    `Hyperparameter maxUids: ${count} mechanisms of ${maxUids} uids are more than ${MAX_UIDS} together.`,
  );
}

function checkTime(context: MessageContext, netuid: number, subnet: Subnet): Verdict {
  const delay = changeDelay(context, netuid, subnet.hyperparametersSlot);
  if (delay === null) return null;
  if ('allowedFrom' in delay) {
    return problem(
      'HYPERPARAMETERS_SET_RECENTLY',
      `Subnet ${netuid} can be changed again from slot ${delay.allowedFrom}, two tempos after the last change; this is ${context.slot}.`,
    );
  }
  return problem(
    'HYPERPARAMETERS_FROZEN',
    `The epoch of subnet ${netuid} at slot ${delay.nextEpoch} is no more than ${delay.freezeSlots} slots away. Send this after it.`,
  );
}
