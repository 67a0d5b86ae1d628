import { type AccountId, accountIdToAddress, areBytesEqual, bytesToHex } from '@cairn/core';
import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type Verdict } from '../../execution/message.ts';
import { joinChild, leaveChild } from '../children/join-child.ts';
import { keepLending, openLending } from '../children/lending.ts';
import { childrenAt, lendings, MAX_PARENTS, namesChild } from '../children/state.ts';
import { childrenSet } from '../events.ts';
import { CHILD_PROPORTION_ONE } from '../math/stake-of.ts';
import { type Child, type SetChildren, setChildrenShape } from '../messages/set-children.ts';
import { hotkeyUnknown } from '../problems.ts';
import { hotkeys } from '../state.ts';

export const setChildrenMessage = defineMessage({
  id: 25,
  name: 'staking.setChildren',
  help: "Lends parts of a hotkey's stake on a subnet to other hotkeys, which vote with it and share the dividends. It counts after a delay.",
  shape: setChildrenShape,
  work: ({ children }) => 16 + children.length * (6 + 4 * MAX_PARENTS),
  apply(context, message) {
    const { state, slot, parameters } = context;
    const { netuid, hotkey, children } = message;
    const known = lendings.get(state, netuid, hotkey);
    const lending = openLending(context, netuid, hotkey);
    if ('code' in lending) return lending;
    const allowedFrom = lending.changedSlot + parameters.childrenRateLimitSlots;
    if (known !== undefined && lending.changedSlot > 0n && slot < allowedFrom) {
      return problem(
        'CHILDREN_SET_RECENTLY',
        `Children of ${accountIdToAddress(hotkey)} on subnet ${netuid} can be set again from slot ${allowedFrom}, this is ${slot}.`,
      );
    }
    const fault = childrenFault(context, message);
    if (fault !== null) return fault;
    const inForce = childrenAt(lending, slot);
    const stay = new Set([...inForce, ...children].map((child) => bytesToHex(child.hotkey)));
    for (const child of [...lending.children, ...(lending.next?.children ?? [])])
      if (!stay.has(bytesToHex(child.hotkey))) leaveChild(context, netuid, hotkey, child.hotkey);
    // Whom it lends to already has it on the list.
    const lent = new Set(inForce.map((child) => bytesToHex(child.hotkey)));
    for (const child of children) {
      if (lent.has(bytesToHex(child.hotkey))) continue;
      const refused = joinChild(context, netuid, hotkey, child);
      if (refused !== null) return refused;
    }
    const fromSlot = slot + parameters.childrenDelaySlots;
    // With nothing lent there is nothing to wait for before nothing is lent.
    const next = children.length + inForce.length === 0 ? null : { children: [...children], fromSlot };
    keepLending(context, netuid, hotkey, { ...lending, children: [...inForce], next, changedSlot: slot });
    childrenSet(context, netuid, hotkey, children, fromSlot);
    return null;
  },
});

function childrenFault({ state, slot }: MessageContext, { netuid, hotkey, children }: SetChildren): Verdict {
  let lent = 0n;
  const seen: AccountId[] = [];
  for (const child of children) {
    const fault = childFault(hotkey, child, seen);
    if (fault !== null) return fault;
    if (hotkeys.get(state, child.hotkey) === undefined) return hotkeyUnknown(child.hotkey);
    if (namesChild(lendings.get(state, netuid, child.hotkey), hotkey, slot)) {
      return problem(
        'CHILD_IS_PARENT',
        `${accountIdToAddress(child.hotkey)} lends to ${accountIdToAddress(hotkey)} on subnet ${netuid}, or soon will. Two hotkeys do not lend to each other.`,
      );
    }
    seen.push(child.hotkey);
    lent += child.proportion;
  }
  if (lent <= CHILD_PROPORTION_ONE) return null;
  return problem(
    'PROPORTIONS_TOO_HIGH',
    `The proportions add up to ${lent}, above the whole of ${CHILD_PROPORTION_ONE}. Lower them.`,
  );
}

function childFault(hotkey: AccountId, child: Child, seen: readonly AccountId[]): Verdict {
  const address = accountIdToAddress(child.hotkey);
  if (child.proportion === 0n) {
    return problem('PROPORTION_ZERO', `Child ${address} gets nothing. Leave it out, or name a proportion.`);
  }
  if (areBytesEqual(child.hotkey, hotkey)) {
    return problem('CHILD_IS_ITSELF', `${address} cannot lend to itself. What it does not lend is its own.`);
  }
  if (seen.some((other) => areBytesEqual(other, child.hotkey))) {
    return problem('CHILD_TWICE', `Child ${address} is named twice. Name it once, with one proportion.`);
  }
  return null;
}
