import { type AccountId, areBytesEqual } from '@cairn/core';
import { holdDeposit, recordDeposit, releaseDeposit } from '../../accounts/money.ts';
import type { MessageContext } from '../../execution/context.ts';
import type { TransactionProblem } from '../../execution/message.ts';
import { subnetUnknown } from '../../subnets/problems.ts';
import { subnets } from '../../subnets/state.ts';
import { hotkeyUnknown, notHotkeyOwner } from '../problems.ts';
import { hotkeys } from '../state.ts';
import { LENDING_BYTES, type Lending, lendings } from './state.ts';

/** The lending of a hotkey of the sender; a new one for its deposit. */
export function openLending(
  context: MessageContext,
  netuid: number,
  hotkey: AccountId,
): Lending | TransactionProblem {
  const { state, sender } = context;
  const known = lendings.get(state, netuid, hotkey);
  // One on a subnet that ended can still be taken back.
  if (subnets.get(state, netuid) === undefined && known === undefined) return subnetUnknown(state, netuid);
  const record = hotkeys.get(state, hotkey);
  if (record === undefined) return hotkeyUnknown(hotkey);
  if (!areBytesEqual(record.owner, sender)) return notHotkeyOwner(hotkey, record.owner);
  if (known !== undefined) return known;
  const deposit = recordDeposit(context, LENDING_BYTES);
  const refused = holdDeposit(context, sender, deposit);
  if (refused !== null) return refused;
  return {
    children: [],
    next: null,
    changedSlot: 0n,
    takeBps: 0,
    takeRaisedSlot: 0n,
    payer: sender,
    deposit,
  };
}

/** Keeps a lending, or gives its deposit back when it says nothing. */
export function keepLending(
  context: MessageContext,
  netuid: number,
  hotkey: AccountId,
  lending: Lending,
): void {
  const isEmpty = lending.children.length === 0 && lending.next === null && lending.takeBps === 0;
  if (!isEmpty) {
    lendings.set(context.state, netuid, hotkey, lending);
    return;
  }
  lendings.delete(context.state, netuid, hotkey);
  releaseDeposit(context, lending.payer, lending.deposit);
}
