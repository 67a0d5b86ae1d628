import { accountIdToAddress, areBytesEqual } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { recordFlow } from '../../flows/record.ts';
import { closed } from '../events.ts';
import { closeShape } from '../messages/close.ts';
import { transfer } from '../money.ts';
import { accounts } from '../state.ts';

export const closeMessage = defineMessage({
  id: 2,
  name: 'accounts.close',
  help: 'Empties and closes the account; its deposit goes to the beneficiary with the rest.',
  shape: closeShape,
  work: () => 3,
  apply(context, { beneficiary }) {
    const account = accounts.get(context.state, context.sender)!;
    const address = accountIdToAddress(context.sender);
    if (areBytesEqual(beneficiary, context.sender)) {
      return problem(
        'BENEFICIARY_IS_SENDER',
        `${address} cannot be its own beneficiary. Name another account.`,
      );
    }
    if (account.records > 0) {
      return problem(
        'ACCOUNT_HAS_RECORDS',
        `${address} still owns ${account.records} records. Close them first.`,
      );
    }
    recordFlow(context.state, 'accounts.releaseDeposit', account.deposit);
    const amount = account.spendable + account.deposit;
    accounts.set(context.state, context.sender, { ...account, deposit: 0n, spendable: amount });
    const refused = transfer(context, context.sender, beneficiary, amount, 'accounts.transfer');
    if (refused !== null) return refused;
    accounts.delete(context.state, context.sender);
    closed(context, context.sender, beneficiary, amount);
    return null;
  },
});
