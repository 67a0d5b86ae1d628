import { areBytesEqual, U16_MAX } from '@cairn/core';
import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type Verdict } from '../../execution/message.ts';
import { changeDelay } from '../change-time.ts';
import { mechanismsAnnounced } from '../events.ts';
import { MAX_UIDS } from '../hyperparameters.ts';
import { setMechanismsShape } from '../messages/set-mechanisms.ts';
import { notSubnetOwner, subnetUnknown } from '../problems.ts';
import { type Subnet, subnets } from '../state.ts';

export const setMechanismsMessage = defineMessage({
  id: 39,
  name: 'subnets.setMechanisms',
  help: 'Announces how many scoring mechanisms a subnet has from its next epoch on, and the part of its emission that each gets; by its owner, seldom, and not just before an epoch. Weights and bonds of a mechanism that goes are forgotten.',
  shape: setMechanismsShape,
  work: () => 8,
  apply(context, { netuid, split }) {
    const { state, sender, slot } = context;
    const subnet = subnets.get(state, netuid);
    if (subnet === undefined) return subnetUnknown(state, netuid);
    if (!areBytesEqual(subnet.owner, sender)) return notSubnetOwner(netuid, subnet.owner);
    const unfit =
      checkCount(context, subnet, split.length) ?? checkSplit(split) ?? checkTime(context, netuid, subnet);
    if (unfit !== null) return unfit;
    subnets.set(state, netuid, { ...subnet, announcedParts: split, mechanismsSlot: slot });
    mechanismsAnnounced(context, netuid, split);
    return null;
  },
});

/** The epoch of a subnet costs as much as it has uids in all its mechanisms, and no more than one of the largest. */
function checkCount({ parameters }: MessageContext, { hyperparameters }: Subnet, count: number): Verdict {
  if (count < 1 || BigInt(count) > parameters.maxMechanisms) {
    return problem(
      'MECHANISMS_COUNT',
      `${count} mechanisms are outside 1…${parameters.maxMechanisms}, which this network allows. Name one part for each.`,
    );
  }
  if (count * hyperparameters.maxUids <= MAX_UIDS) return null;
  return problem(
    'MECHANISMS_TOO_LARGE',
    `${count} mechanisms of ${hyperparameters.maxUids} uids are more than ${MAX_UIDS} together. Lower maxUids or have fewer.`,
  );
}

function checkSplit(split: readonly number[]): Verdict {
  const sum = split.reduce((total, part) => total + part, 0);
  if (sum === U16_MAX) return null;
  return problem(
    'MECHANISM_SPLIT_WRONG',
    `The parts ${split.join(', ')} sum to ${sum}. Make them sum to ${U16_MAX}.`,
  );
}

function checkTime(context: MessageContext, netuid: number, { mechanismsSlot }: Subnet): Verdict {
  const delay = changeDelay(context, netuid, mechanismsSlot);
  if (delay === null) return null;
  if ('allowedFrom' in delay) {
    return problem(
      'MECHANISMS_SET_RECENTLY',
      `Mechanisms of subnet ${netuid} can be changed again from slot ${delay.allowedFrom}, two tempos after the last change; this is ${context.slot}.`,
    );
  }
  return problem(
    'MECHANISMS_FROZEN',
    `The epoch of subnet ${netuid} at slot ${delay.nextEpoch} is no more than ${delay.freezeSlots} slots away. Send this after it.`,
  );
}
