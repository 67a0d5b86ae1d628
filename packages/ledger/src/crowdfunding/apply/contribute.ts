import { formatAmount } from '@cairn/core';
import { debit, holdDeposit, recordDeposit } from '../../accounts/money.ts';
import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type TransactionProblem } from '../../execution/message.ts';
import { contributed } from '../events.ts';
import { contributeShape } from '../messages/contribute.ts';
import { fundFinalised, fundUnknown } from '../problems.ts';
import { CONTRIBUTION_BYTES, type Contribution, contributions, type Fund, funds, places } from '../state.ts';

export const contributeMessage = defineMessage({
  id: 129,
  name: 'crowdfunding.contribute',
  help: 'Gives to a fund, at most what its goal lacks.',
  shape: contributeShape,
  work: () => 4,
  apply(context, { fund: number, amount }) {
    const { state, sender, slot } = context;
    const fund = funds.get(state, number);
    if (fund === undefined) return fundUnknown(number);
    if (fund.netuid !== 0) return fundFinalised(number, fund.netuid);
    if (slot > fund.endSlot)
      return problem(
        'CROWDFUND_ENDED',
        `Fund ${number} took contributions until slot ${fund.endSlot}, this is ${slot}.`,
      );
    const lacks = fund.goal - fund.raised;
    const given = amount < lacks ? amount : lacks;
    if (given === 0n || given < (fund.minContribution < lacks ? fund.minContribution : lacks))
      return tooSmall(number, fund, lacks);
    const known = contributions.get(state, number, sender);
    const entry = known ?? join(context, number, fund);
    if ('code' in entry) return entry;
    const refused = debit(context, sender, given, 'crowdfunding.contribute');
    if (refused !== null) return refused;
    const raised = fund.raised + given;
    const contributors = fund.contributors + (known === undefined ? 1 : 0);
    contributions.set(state, number, sender, { ...entry, amount: entry.amount + given });
    funds.set(state, number, { ...fund, raised, contributors });
    contributed(context, number, sender, given, raised);
    return null;
  },
});

function tooSmall(number: number, fund: Fund, lacks: bigint): TransactionProblem {
  if (lacks === 0n)
    return problem('CROWDFUND_FULL', `Fund ${number} reached its goal of ${formatAmount(fund.goal)} CAIRN.`);
  return problem(
    'CONTRIBUTION_TOO_SMALL',
    `Fund ${number} lacks ${formatAmount(lacks)} CAIRN and takes ${formatAmount(fund.minContribution)} or more at a time, or all that it lacks.`,
  );
}

/** A place for a new contributor. There is one: so many contributions would have reached the goal. */
function join(
  context: MessageContext,
  number: number,
  { contributors }: Fund,
): Contribution | TransactionProblem {
  const { state, sender } = context;
  const deposit = recordDeposit(context, CONTRIBUTION_BYTES);
  const refused = holdDeposit(context, sender, deposit);
  if (refused !== null) return refused;
  places.set(state, number, contributors, sender);
  return { amount: 0n, place: contributors, isPaid: false, deposit };
}
