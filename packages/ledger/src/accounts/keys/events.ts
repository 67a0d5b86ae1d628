import { type AccountId, accountIdToAddress } from '@cairn/core';
import type { BlockContext, MessageContext } from '../../execution/context.ts';
import type { Guardians, KeyChange } from './state.ts';

export function keyChangeStarted(
  context: BlockContext,
  account: AccountId,
  { newKey, origin, readySlot }: Pick<KeyChange, 'newKey' | 'origin' | 'readySlot'>,
): void {
  context.emit('accounts.keyChangeStarted', {
    account: accountIdToAddress(account),
    newKey: accountIdToAddress(newKey),
    origin,
    readySlot: readySlot.toString(),
  });
}

export function keyChanged(
  context: BlockContext,
  account: AccountId,
  { newKey, origin }: Pick<KeyChange, 'newKey' | 'origin'>,
): void {
  context.emit('accounts.keyChanged', {
    account: accountIdToAddress(account),
    newKey: accountIdToAddress(newKey),
    origin,
  });
}

/** @param frozenUntil slot; 0: not frozen */
export function keyChangeDisputed(
  context: BlockContext,
  account: AccountId,
  { newKey, origin }: Pick<KeyChange, 'newKey' | 'origin'>,
  frozenUntil: bigint,
): void {
  context.emit('accounts.keyChangeDisputed', {
    account: accountIdToAddress(account),
    newKey: accountIdToAddress(newKey),
    origin,
    frozenUntil: frozenUntil.toString(),
  });
}

export function keyChangeCleared(context: BlockContext, account: AccountId): void {
  context.emit('accounts.keyChangeCleared', { account: accountIdToAddress(account) });
}

export function freezeLifted(context: BlockContext, account: AccountId): void {
  context.emit('accounts.freezeLifted', { account: accountIdToAddress(account) });
}

export function recoverySet(
  context: BlockContext,
  account: AccountId,
  { guardians, threshold }: Guardians,
  fromSlot: bigint,
): void {
  context.emit('accounts.recoverySet', {
    account: accountIdToAddress(account),
    guardians: guardians.map(accountIdToAddress),
    threshold,
    fromSlot: fromSlot.toString(),
  });
}

export function recoveryApproved(
  context: MessageContext,
  account: AccountId,
  newKey: AccountId,
  votes: number,
  threshold: number,
): void {
  context.emit('accounts.recoveryApproved', {
    account: accountIdToAddress(account),
    guardian: accountIdToAddress(context.sender),
    newKey: accountIdToAddress(newKey),
    votes,
    threshold,
  });
}
