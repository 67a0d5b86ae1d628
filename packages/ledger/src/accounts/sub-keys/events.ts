import { type AccountId, type Amount, accountIdToAddress } from '@cairn/core';
import type { BlockContext } from '../../execution/context.ts';
import type { SubKeyLimits } from './state.ts';

const parties = (owner: AccountId, key: AccountId) => ({
  owner: accountIdToAddress(owner),
  key: accountIdToAddress(key),
});

export function subKeySet(
  context: BlockContext,
  owner: AccountId,
  key: AccountId,
  { perCall, perDay, total, expirySlot }: SubKeyLimits,
): void {
  context.emit('accounts.subKeySet', {
    ...parties(owner, key),
    perCall: perCall.toString(),
    perDay: perDay.toString(),
    total: total.toString(),
    expirySlot: expirySlot.toString(),
  });
}

export function subKeyRemoved(context: BlockContext, owner: AccountId, key: AccountId): void {
  context.emit('accounts.subKeyRemoved', parties(owner, key));
}

export function spentAs(
  context: BlockContext,
  owner: AccountId,
  key: AccountId,
  message: string,
  amount: Amount,
): void {
  context.emit('accounts.spentAs', { ...parties(owner, key), message, amount: amount.toString() });
}
