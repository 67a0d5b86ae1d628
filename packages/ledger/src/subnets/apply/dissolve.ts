import { areBytesEqual } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { dissolutionAnnounced } from '../lifecycle/events.ts';
import { giveNotice, noticeOf } from '../lifecycle/state.ts';
import { dissolveSubnetShape } from '../messages/lifecycle.ts';
import { notSubnetOwner, subnetUnknown } from '../problems.ts';
import { subnets } from '../state.ts';

export const dissolveSubnetMessage = defineMessage({
  id: 35,
  name: 'subnets.dissolve',
  help: 'Announces that a subnet ends after a notice; by its owner. Nobody registers or buys its token from then on; at the end the CAIRN of its pool is for all who hold its token.',
  shape: dissolveSubnetShape,
  work: () => 4,
  apply(context, { netuid }) {
    const { state, sender, slot, parameters } = context;
    const subnet = subnets.get(state, netuid);
    if (subnet === undefined) return subnetUnknown(state, netuid);
    if (!areBytesEqual(subnet.owner, sender)) return notSubnetOwner(netuid, subnet.owner);
    const given = noticeOf(state, netuid);
    if (given !== undefined) {
      return problem('NOTICE_GIVEN', `Subnet ${netuid} ends at slot ${given.endSlot} already.`);
    }
    const notice = { netuid, endSlot: slot + parameters.dissolutionNoticeSlots };
    giveNotice(state, notice);
    dissolutionAnnounced(context, notice);
    return null;
  },
});
