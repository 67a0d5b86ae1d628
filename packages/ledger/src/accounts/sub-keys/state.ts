import {
  type AccountId,
  account,
  bytes32,
  bytesToHex,
  choice,
  list,
  type StructOf,
  struct,
  u8,
  u64,
  type ValueOf,
} from '@cairn/core';
import { defineTable } from '../../state/table.ts';
import type { Overlay, StateView } from '../../state/view.ts';

/** What a sub-key may be allowed to run as its owner. */
export const SUB_KEY_MESSAGES = ['accounts.transfer', 'channels.open', 'channels.topUp'] as const;

/** Most payees, and most models, of one sub-key. */
const MAX_NAMED = 16;

const limits = {
  /** Most pebbles that one call may take from the owner's account. */
  perCall: u64,
  /** Most pebbles in one day, which is `subKeyDaySlots` slots. Days begin at multiples of it. */
  perDay: u64,
  /** Most pebbles ever. */
  total: u64,
  /** Last slot in which it may spend. */
  expirySlot: u64,
  messages: list(choice('message', SUB_KEY_MESSAGES, u8), SUB_KEY_MESSAGES.length),
  /** Who may be paid, by a transfer or through a channel; none named: anybody. */
  payees: list(account, MAX_NAMED),
  /** Models it may ask; none named: any. Not the ledger's to enforce: a gateway reads them. */
  models: list(bytes32, MAX_NAMED),
};

/** What an owner allows a key. */
export const subKeyLimitsShape = struct('SubKeyLimits', limits);
export type SubKeyLimits = StructOf<typeof limits>;

export const subKeyShape = struct('SubKey', {
  limits: subKeyLimitsShape,
  /** Pebbles spent since it was set. */
  spent: u64,
  /** The day it last spent in, and pebbles spent in it. */
  day: u64,
  spentToday: u64,
  /** Account of the key that spoke for the owner when it was set: another's word is not its owner's. */
  setBy: account,
  /** Refundable deposit of this record, paid by the owner. */
  deposit: u64,
});
export type SubKey = ValueOf<typeof subKeyShape>;

/** Bytes that the deposit is reckoned from: what the largest record takes. */
export const SUB_KEY_BYTES = 1_152;

const table = defineTable('accounts', 'subKey', subKeyShape);
const idOf = (owner: AccountId, key: AccountId) => `${bytesToHex(owner)}/${bytesToHex(key)}`;

/** Keys that may spend for an owner: `<owner hex>/<key hex>`. */
export const subKeys = {
  table,
  get: (view: StateView, owner: AccountId, key: AccountId) => table.get(view, idOf(owner, key)),
  set: (state: Overlay, owner: AccountId, key: AccountId, value: SubKey) =>
    table.set(state, idOf(owner, key), value),
  delete: (state: Overlay, owner: AccountId, key: AccountId) => table.delete(state, idOf(owner, key)),
};
