import { type AccountId, type Amount, accountIdToAddress, bytesToHex } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import type { TransactionProblem } from '../execution/message.ts';
import type { ScheduledCall } from './agenda.ts';
import type { MultisigProposal } from './multisig.ts';
import type { Purpose } from './purposes.ts';

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

/** A member approved a call that needs more approvals. The first approval of a call makes the proposal. */
export function multisigApproved(
  context: BlockContext,
  multisig: AccountId,
  id: Uint8Array,
  { callHash, approvals, expirySlot }: MultisigProposal,
  threshold: number,
): void {
  context.emit('accounts.multisigApproved', {
    multisig: accountIdToAddress(multisig),
    proposal: bytesToHex(id),
    callHash: bytesToHex(callHash),
    approvals: approvals.map(accountIdToAddress),
    threshold,
    expirySlot: expirySlot.toString(),
  });
}

/** The last approval came and the call ran. The proposal is null when one approval was enough. */
export function multisigRan(
  context: BlockContext,
  multisig: AccountId,
  id: Uint8Array | null,
  callHash: Uint8Array,
  last: AccountId,
): void {
  context.emit('accounts.multisigRan', {
    multisig: accountIdToAddress(multisig),
    proposal: id === null ? null : bytesToHex(id),
    callHash: bytesToHex(callHash),
    last: accountIdToAddress(last),
  });
}

export function multisigCancelled(
  context: BlockContext,
  multisig: AccountId,
  id: Uint8Array,
  by: AccountId,
): void {
  context.emit('accounts.multisigCancelled', {
    multisig: accountIdToAddress(multisig),
    proposal: bytesToHex(id),
    by: accountIdToAddress(by),
  });
}

export function proxyAdded(
  context: BlockContext,
  owner: AccountId,
  delegate: AccountId,
  purpose: Purpose,
  delaySlots: number,
): void {
  context.emit('accounts.proxyAdded', { ...pair(owner, delegate), purpose, delaySlots });
}

/** The delegate may do nothing for the owner any more, and what it announced is dropped. */
export function proxyRemoved(context: BlockContext, owner: AccountId, delegate: AccountId): void {
  context.emit('accounts.proxyRemoved', pair(owner, delegate));
}

/** What an owner watches for, to reject it before `fromSlot`. */
export function proxyCallAnnounced(
  context: BlockContext,
  owner: AccountId,
  delegate: AccountId,
  callHash: Uint8Array,
  fromSlot: bigint,
): void {
  context.emit('accounts.proxyCallAnnounced', {
    ...pair(owner, delegate),
    callHash: bytesToHex(callHash),
    fromSlot: fromSlot.toString(),
  });
}

export function proxyCallRejected(
  context: BlockContext,
  owner: AccountId,
  delegate: AccountId,
  callHash: Uint8Array,
  by: AccountId,
): void {
  context.emit('accounts.proxyCallRejected', {
    ...pair(owner, delegate),
    callHash: bytesToHex(callHash),
    by: accountIdToAddress(by),
  });
}

/** A delegate ran a call for the owner; its own events come before. */
export function proxyCallRan(
  context: BlockContext,
  owner: AccountId,
  delegate: AccountId,
  purpose: Purpose,
  message: string,
): void {
  context.emit('accounts.proxyCallRan', { ...pair(owner, delegate), purpose, message });
}

function pair(owner: AccountId, delegate: AccountId) {
  return { owner: accountIdToAddress(owner), delegate: accountIdToAddress(delegate) };
}

/** A call of the account will run from the slot on. */
export function callScheduled(
  context: BlockContext,
  id: Uint8Array,
  { owner, slot, prepaid }: ScheduledCall,
  message: string,
): void {
  context.emit('accounts.callScheduled', {
    scheduled: bytesToHex(id),
    owner: accountIdToAddress(owner),
    slot: slot.toString(),
    message,
    prepaid: prepaid.toString(),
  });
}

export function scheduledCancelled(context: BlockContext, id: Uint8Array, { owner }: ScheduledCall): void {
  context.emit('accounts.scheduledCancelled', {
    scheduled: bytesToHex(id),
    owner: accountIdToAddress(owner),
  });
}

/** A scheduled call had its turn: it ran (`code` is null; its own events come before) or was refused. */
export function scheduledRan(
  context: BlockContext,
  id: Uint8Array,
  { owner, slot }: ScheduledCall,
  message: string | null,
  refused: TransactionProblem | null,
): void {
  context.emit('accounts.scheduledRan', {
    scheduled: bytesToHex(id),
    owner: accountIdToAddress(owner),
    slot: slot.toString(),
    message,
    code: refused?.code ?? null,
    reason: refused?.message ?? null,
  });
}
