import { formatAmount } from '@cairn/core';
import { holdDeposit, recordDeposit } from '../../accounts/money.ts';
import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type TransactionProblem } from '../../execution/message.ts';
import { fundOpened } from '../events.ts';
import { type OpenFund, openFundShape } from '../messages/open.ts';
import { FUND_BYTES, type Fund, funds, fundsCell, MAX_CONTRIBUTORS } from '../state.ts';

export const openFundMessage = defineMessage({
  id: 128,
  name: 'crowdfunding.open',
  help: 'Opens a fund that creates a subnet when its goal is reached, and gives everything back when it is not.',
  shape: openFundShape,
  work: () => 3,
  apply(context, message) {
    const { state, sender } = context;
    const unfit = findFault(context, message);
    if (unfit !== null) return unfit;
    const deposit = recordDeposit(context, FUND_BYTES);
    const refused = holdDeposit(context, sender, deposit);
    if (refused !== null) return refused;
    const number = fundsCell.get(state) + 1;
    const fund: Fund = {
      creator: sender,
      ...message,
      raised: 0n,
      contributors: 0,
      netuid: 0,
      surplus: 0n,
      unpaid: 0n,
      deposit,
    };
    fundsCell.set(state, number);
    funds.set(state, number, fund);
    fundOpened(context, number, fund);
    return null;
  },
});

function findFault(
  { slot, parameters }: MessageContext,
  { name, goal, minContribution, endSlot }: OpenFund,
): TransactionProblem | null {
  if (name.trim() === '') return problem('NAME_EMPTY', 'Give the subnet a name.');
  if (goal === 0n) return problem('AMOUNT_ZERO', 'A fund needs a goal above zero.');
  const least = (goal + MAX_CONTRIBUTORS - 1n) / MAX_CONTRIBUTORS;
  if (minContribution < least || minContribution > goal) {
    return problem(
      'MIN_CONTRIBUTION_UNFIT',
      `Contributions to a goal of ${formatAmount(goal)} CAIRN start between ${formatAmount(least)} and all of it: ${MAX_CONTRIBUTORS} people must be able to reach it.`,
    );
  }
  const [from, to] = [slot + parameters.crowdfundMinSlots, slot + parameters.crowdfundMaxSlots];
  if (endSlot >= from && endSlot <= to) return null;
  return problem(
    'END_SLOT_UNFIT',
    `A fund opened now ends between slot ${from} and ${to}, not at ${endSlot}.`,
  );
}
