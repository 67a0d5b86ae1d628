import { type AccountId, type Amount, accountIdToAddress, bytesToHex } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import type { MultisigProposal } from './multisig.ts';

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
