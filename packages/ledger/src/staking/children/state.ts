import {
  type AccountId,
  account,
  areBytesEqual,
  bytesToHex,
  list,
  optional,
  struct,
  u16,
  u64,
  type ValueOf,
} from '@cairn/core';
import { defineTable, numberId } from '../../state/table.ts';
import type { Overlay, StateView } from '../../state/view.ts';
import { type Child, childShape, MAX_CHILDREN } from '../messages/set-children.ts';

/** Most parents of a hotkey on a subnet: an epoch reads them all. */
export const MAX_PARENTS = 16;

/** Bytes that the deposit of a lending is reckoned from: the record at its longest and its entries at the children. */
export const LENDING_BYTES = 900;

const childrenShape = list(childShape, MAX_CHILDREN);

const lendingShape = struct('Lending', {
  /** Who it lends to. */
  children: childrenShape,
  /** Who takes their place from a slot on; null: nothing changes. */
  next: optional(struct('NextChildren', { children: childrenShape, fromSlot: u64 })),
  /** Slot in which children were last named. */
  changedSlot: u64,
  /** As a child: the part of its parents' dividends that it keeps, in basis points. */
  takeBps: u16,
  takeRaisedSlot: u64,
  /** Who paid the refundable deposit. */
  payer: account,
  deposit: u64,
});
export type Lending = ValueOf<typeof lendingShape>;

const idOf = (netuid: number, hotkey: AccountId) => `${numberId(netuid)}/${bytesToHex(hotkey)}`;

const lendingTable = defineTable('staking', 'lending', lendingShape, { isRemembered: true });

/** To whom a hotkey lends on a subnet, and what it takes of those who lend to it: `<netuid>/<hotkey hex>`. */
export const lendings = {
  table: lendingTable,
  get: (view: StateView, netuid: number, hotkey: AccountId) => lendingTable.get(view, idOf(netuid, hotkey)),
  set: (state: Overlay, netuid: number, hotkey: AccountId, value: Lending) =>
    lendingTable.set(state, idOf(netuid, hotkey), value),
  delete: (state: Overlay, netuid: number, hotkey: AccountId) =>
    lendingTable.delete(state, idOf(netuid, hotkey)),
};

const parentsTable = defineTable(
  'staking',
  'parents',
  struct('Parents', { hotkeys: list(account, MAX_PARENTS) }),
  { isRemembered: true },
);

/** Hotkeys that name one as their child, now or soon; some may have stopped. In the order in which they came. */
export const parents = {
  table: parentsTable,
  get: (view: StateView, netuid: number, child: AccountId): readonly AccountId[] =>
    parentsTable.get(view, idOf(netuid, child))?.hotkeys ?? [],
  set(state: Overlay, netuid: number, child: AccountId, hotkeys: readonly AccountId[]): void {
    if (hotkeys.length === 0) parentsTable.delete(state, idOf(netuid, child));
    else parentsTable.set(state, idOf(netuid, child), { hotkeys: [...hotkeys] });
  },
};

/** The children that count at a slot. */
export function childrenAt(lending: Lending | undefined, slot: bigint): readonly Child[] {
  if (lending === undefined) return [];
  const { children, next } = lending;
  return next !== null && slot >= next.fromSlot ? next.children : children;
}

/** Whether a hotkey is a child of this lending now, or will be. */
export function namesChild(lending: Lending | undefined, hotkey: AccountId, slot: bigint): boolean {
  if (lending === undefined) return false;
  return [...childrenAt(lending, slot), ...(lending.next?.children ?? [])].some((child) =>
    areBytesEqual(child.hotkey, hotkey),
  );
}
