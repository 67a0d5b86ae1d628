import { accountIdToAddress, areBytesEqual } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { countAgreed, isMember, notCouncil } from '../council.ts';
import { councilSpoke, milestoneConfirmed } from '../events.ts';
import { withMilestone } from '../grants.ts';
import { milestoneActShape } from '../messages/proposals.ts';
import { councilCell, proposals } from '../state.ts';
import { findMilestone } from './find-milestone.ts';

export const completeMilestoneMessage = defineMessage({
  id: 119,
  name: 'governance.completeMilestone',
  help: 'A member of the council confirms a milestone of a running grant; when enough have, it can be claimed.',
  shape: milestoneActShape,
  work: () => 4,
  apply(context, { proposal: id, milestone: index }) {
    const { state, sender } = context;
    const council = councilCell.get(state);
    if (!isMember(council, sender)) return notCouncil(sender);
    const found = findMilestone(context, id, index);
    if ('code' in found) return found;
    const { proposal, milestone } = found;
    if (milestone.state !== 'planned')
      return problem('MILESTONE_SETTLED', `Milestone ${index} of proposal ${id} is ${milestone.state}.`);
    if (areBytesEqual(proposal.grant!.payee, sender))
      return problem('PAYEE_CONFIRMS', 'Who is paid for a milestone cannot confirm it.');
    if (milestone.confirmations.some((member) => areBytesEqual(member, sender))) {
      return problem(
        'ALREADY_AGREED',
        `${accountIdToAddress(sender)} has confirmed milestone ${index} of proposal ${id} already.`,
      );
    }
    const confirmations = [...milestone.confirmations.filter((member) => isMember(council, member)), sender];
    const agreed = countAgreed(council, confirmations);
    const isConfirmed = agreed >= council.agreement;
    const reached = isConfirmed ? 'confirmed' : 'planned';
    proposals.set(state, id, withMilestone(proposal, index, { confirmations, state: reached }));
    councilSpoke(context, id, sender, `confirm ${index}`, agreed, council.agreement);
    if (isConfirmed) milestoneConfirmed(context, id, index);
    return null;
  },
});
