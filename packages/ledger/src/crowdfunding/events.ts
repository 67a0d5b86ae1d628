import { type AccountId, type Amount, accountIdToAddress } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import type { Fund } from './state.ts';

export function fundOpened(
  context: BlockContext,
  fund: number,
  { creator, owner, name, goal, endSlot }: Fund,
): void {
  context.emit('crowdfunding.opened', {
    fund,
    creator: accountIdToAddress(creator),
    owner: accountIdToAddress(owner),
    name,
    goal: goal.toString(),
    endSlot: endSlot.toString(),
  });
}

export function contributed(
  context: BlockContext,
  fund: number,
  contributor: AccountId,
  amount: Amount,
  raised: Amount,
): void {
  context.emit('crowdfunding.contributed', {
    fund,
    contributor: accountIdToAddress(contributor),
    amount: amount.toString(),
    raised: raised.toString(),
  });
}

/** A contribution went back whole. */
export function refunded(context: BlockContext, fund: number, contributor: AccountId, amount: Amount): void {
  context.emit('crowdfunding.refunded', {
    fund,
    contributor: accountIdToAddress(contributor),
    amount: amount.toString(),
  });
}

export function surplusPaid(
  context: BlockContext,
  fund: number,
  contributor: AccountId,
  amount: Amount,
): void {
  context.emit('crowdfunding.surplusPaid', {
    fund,
    contributor: accountIdToAddress(contributor),
    amount: amount.toString(),
  });
}

export function finalised(context: BlockContext, fund: number, { netuid, owner, surplus }: Fund): void {
  context.emit('crowdfunding.finalised', {
    fund,
    netuid,
    owner: accountIdToAddress(owner),
    surplus: surplus.toString(),
  });
}

export function fundClosed(context: BlockContext, fund: number): void {
  context.emit('crowdfunding.closed', { fund });
}
