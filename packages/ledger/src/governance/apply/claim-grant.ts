import { credit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { storeOrClear } from '../end-proposal.ts';
import { grantPaid } from '../events.ts';
import { scheduleGrant, withMilestone } from '../grants.ts';
import { milestoneActShape } from '../messages/proposals.ts';
import { findMilestone } from './find-milestone.ts';

export const claimGrantMessage = defineMessage({
  id: 120,
  name: 'governance.claimGrant',
  help: 'Pays a confirmed milestone to the payee of its grant, whoever asks.',
  shape: milestoneActShape,
  work: () => 6,
  apply(context, { proposal: id, milestone: index }) {
    const found = findMilestone(context, id, index);
    if ('code' in found) return found;
    const { proposal, milestone } = found;
    if (milestone.state !== 'confirmed')
      return problem(
        'MILESTONE_NOT_CONFIRMED',
        `Milestone ${index} of proposal ${id} is ${milestone.state}.`,
      );
    const { payee } = proposal.grant!;
    const refused = credit(context, payee, milestone.amount, 'governance.payMilestone');
    if (refused !== null) return refused;
    const paid = withMilestone(proposal, index, { state: 'paid' });
    scheduleGrant(context.state, id, paid.grant.milestones);
    storeOrClear(context, id, paid);
    grantPaid(context, id, index, payee, milestone.amount);
    return null;
  },
});
