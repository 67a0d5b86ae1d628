import { type AccountId, type Amount, accountIdToAddress } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';

export function transferred(context: BlockContext, from: AccountId, to: AccountId, amount: Amount): void {
  context.emit('accounts.transferred', {
    from: accountIdToAddress(from),
    to: accountIdToAddress(to),
    amount: amount.toString(),
  });
}

export function closed(
  context: BlockContext,
  account: AccountId,
  beneficiary: AccountId,
  amount: Amount,
): void {
  context.emit('accounts.closed', {
    account: accountIdToAddress(account),
    beneficiary: accountIdToAddress(beneficiary),
    amount: amount.toString(),
  });
}
