import { accountIdToAddress } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { transferred } from '../events.ts';
import { transferShape } from '../messages/transfer.ts';
import { transfer } from '../money.ts';

export const transferMessage = defineMessage({
  id: 1,
  name: 'accounts.transfer',
  help: 'Sends spendable CAIRN to an account.',
  shape: transferShape,
  work: () => 2,
  apply(context, { to, amount }) {
    if (amount === 0n)
      return problem('AMOUNT_ZERO', `A transfer to ${accountIdToAddress(to)} needs an amount above zero.`);
    const refused = transfer(context, context.sender, to, amount, 'accounts.transfer');
    if (refused === null) transferred(context, context.sender, to, amount);
    return refused;
  },
});
