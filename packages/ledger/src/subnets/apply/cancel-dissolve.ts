import { areBytesEqual } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { dissolutionCancelled } from '../lifecycle/events.ts';
import { challenges, noticeOf, withdrawNotice } from '../lifecycle/state.ts';
import { cancelDissolveShape } from '../messages/lifecycle.ts';
import { noticeNone, notSubnetOwner, subnetUnknown } from '../problems.ts';
import { subnets } from '../state.ts';

export const cancelDissolveMessage = defineMessage({
  id: 38,
  name: 'subnets.cancelDissolve',
  help: 'Takes the announcement that a subnet ends back; by its owner, before it does. A challenge is not cancelled but matched.',
  shape: cancelDissolveShape,
  work: () => 5,
  apply(context, { netuid }) {
    const { state, sender } = context;
    const subnet = subnets.get(state, netuid);
    if (subnet === undefined) return subnetUnknown(state, netuid);
    if (!areBytesEqual(subnet.owner, sender)) return notSubnetOwner(netuid, subnet.owner);
    if (noticeOf(state, netuid) === undefined) return noticeNone(netuid);
    if (challenges.get(state, netuid) !== undefined) {
      return problem(
        'SUBNET_CHALLENGED',
        `Another wants the place of subnet ${netuid}. Match what it locks with subnets.match.`,
      );
    }
    withdrawNotice(state, netuid);
    dissolutionCancelled(context, netuid);
    return null;
  },
});
