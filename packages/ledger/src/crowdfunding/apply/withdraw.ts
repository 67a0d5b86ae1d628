import { accountIdToAddress } from '@cairn/core';
import { credit } from '../../accounts/money.ts';
import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type Verdict } from '../../execution/message.ts';
import { surplusPaid } from '../events.ts';
import { dropContribution, giveBack, keepFund, lapsesAfter } from '../leave.ts';
import { withdrawContributionShape } from '../messages/withdraw.ts';
import { fundUnknown } from '../problems.ts';
import { type Contribution, contributions, type Fund, funds } from '../state.ts';

export const withdrawContributionMessage = defineMessage({
  id: 130,
  name: 'crowdfunding.withdraw',
  help: 'Takes a contribution back while the goal is not reached, or its part of what the subnet did not cost.',
  shape: withdrawContributionShape,
  work: () => 8,
  apply(context, { fund: number, isForgone }) {
    const { state, sender, slot } = context;
    const fund = funds.get(state, number);
    if (fund === undefined) return fundUnknown(number);
    const contribution = contributions.get(state, number, sender);
    if (contribution === undefined)
      return problem('NOT_CONTRIBUTOR', `${accountIdToAddress(sender)} has nothing in fund ${number}.`);
    if (fund.netuid !== 0) return takeSurplus(context, number, fund, contribution, isForgone);
    const until = lapsesAfter(context, fund);
    if (fund.raised === fund.goal && slot <= until) {
      return problem(
        'CROWDFUND_BOUND',
        `Fund ${number} reached its goal; contributions stay in it until slot ${until}, this is ${slot}. Anybody can finalise it.`,
      );
    }
    const left = giveBack(context, number, fund, sender);
    if (left.refused !== null) return left.refused;
    keepFund(context, number, left.fund);
    return null;
  },
});

/** Parts round down against what is left, so that the last takes the rest and nothing remains. */
function takeSurplus(
  context: MessageContext,
  number: number,
  fund: Fund,
  contribution: Contribution,
  isForgone: boolean,
): Verdict {
  const { state, sender } = context;
  let left = fund;
  if (!contribution.isPaid) {
    const part = (fund.surplus * contribution.amount) / fund.unpaid;
    const refused = credit(context, sender, part, 'crowdfunding.surplus');
    if (refused !== null) return refused;
    left = { ...fund, surplus: fund.surplus - part, unpaid: fund.unpaid - contribution.amount };
    surplusPaid(context, number, sender, part);
  } else if (!isForgone) {
    return problem(
      'SURPLUS_PAID',
      `${accountIdToAddress(sender)} had its part of what fund ${number} did not need.`,
    );
  }
  if (isForgone) left = dropContribution(context, number, left, sender, contribution);
  else contributions.set(state, number, sender, { ...contribution, isPaid: true });
  keepFund(context, number, left);
  return null;
}
