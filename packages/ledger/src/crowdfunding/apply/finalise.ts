import { type Amount, encode, formatAmount } from '@cairn/core';
import { credit, debit } from '../../accounts/money.ts';
import { accounts } from '../../accounts/state.ts';
import { type Call, nestedNonce } from '../../execution/calls.ts';
import type { BlockContext, MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type TransactionProblem } from '../../execution/message.ts';
import { createSubnetMessage } from '../../subnets/apply/create.ts';
import { createSubnetShape } from '../../subnets/messages/create.ts';
import { finalised } from '../events.ts';
import { finaliseFundShape } from '../messages/finalise.ts';
import { fundFinalised, fundUnknown } from '../problems.ts';
import { type Fund, funds } from '../state.ts';

const creation = (name: string, lockLimit: Amount): Call => ({
  messageId: createSubnetMessage.id,
  message: encode(createSubnetShape, { name, lockLimit }),
});

export const finaliseFundMessage = defineMessage({
  id: 131,
  name: 'crowdfunding.finalise',
  help: 'Creates the subnet of a fund that reached its goal. What the subnet does not cost stays the contributors’. Anybody may send it.',
  shape: finaliseFundShape,
  work: (_, calls) => 6 + calls.workOf(creation('subnet', 0n)),
  apply(context, { fund: number }) {
    const { state } = context;
    const fund = funds.get(state, number);
    if (fund === undefined) return fundUnknown(number);
    if (fund.netuid !== 0) return fundFinalised(number, fund.netuid);
    if (fund.raised < fund.goal) {
      return problem(
        'CROWDFUND_SHORT',
        `Fund ${number} has ${formatAmount(fund.raised)} of ${formatAmount(fund.goal)} CAIRN.`,
      );
    }
    const before = accounts.get(state, fund.owner)?.spendable ?? 0n;
    const paid = credit(context, fund.owner, fund.goal, 'crowdfunding.finalise');
    if (paid !== null) return paid;
    const created = create(context, number, fund);
    if (typeof created !== 'number') return created;
    const surplus = accounts.get(state, fund.owner)!.spendable - before;
    if (surplus < 0n) {
      return problem(
        'CROWDFUND_TOO_LITTLE',
        `The subnet costs ${formatAmount(-surplus)} CAIRN more than fund ${number} has. Wait until the price falls.`,
      );
    }
    const back = debit(context, fund.owner, surplus, 'crowdfunding.returnSurplus');
    if (back !== null) return back;
    const done: Fund = { ...fund, netuid: created, surplus, unpaid: fund.goal };
    funds.set(state, number, done);
    finalised(context, number, done);
    return null;
  },
});

/** Runs the creation as the owner; its number is told by its event. */
function create(
  context: MessageContext,
  number: number,
  { name, goal, owner }: Fund,
): number | TransactionProblem {
  const { crypto, sender, nonce, calls } = context;
  let netuid: unknown = null;
  let isFull = false;
  const emit: BlockContext['emit'] = (event, data) => {
    if (event === 'subnets.created') netuid = data.netuid;
    if (event === 'subnets.challenged') isFull = true;
    context.emit(event, data);
  };
  const own = nestedNonce(crypto, sender, nonce, BigInt(number));
  const refused = calls.run({ ...context, emit }, creation(name, goal), { sender: owner, nonce: own });
  if (refused !== null) return refused;
  if (typeof netuid === 'number') return netuid;
  if (isFull) {
    return problem(
      'SUBNETS_FULL',
      `All places for subnets are taken, and fund ${number} cannot wait out the notice of another. Try again when one is free.`,
    );
  }
  return problem('SUBNET_NOT_CREATED', `No subnet came of fund ${number} yet. Try again later.`);
}
