import { type AccountId, bool, bytesToHex, struct, u32, u64, type ValueOf } from '@cairn/core';
import { defineTable, numberId } from '../../state/table.ts';
import type { Overlay, StateView } from '../../state/view.ts';
import type { Place } from '../place.ts';

/** What is locked, as of a slot that the record around it names. */
const lockedFields = {
  /** In 1e-9 token. */
  mass: u64,
  /** Conviction in 1e-9 token, and what is left of it in parts of 2^32. */
  conviction: u64,
  convictionParts: u32,
};

export const tokenLockShape = struct('TokenLock', {
  ...lockedFields,
  /** Slot up to which it was reckoned. */
  slot: u64,
  /** The mass stays until it is unlocked. */
  isPerpetual: bool,
  /** The subnet's owner locked it: conviction is all of the mass at once. An owner stays the owner. */
  isOwner: bool,
  /** Refundable deposit of this record and of its part of the hotkey's sum, paid by the coldkey. */
  deposit: u64,
});
export type TokenLock = ValueOf<typeof tokenLockShape>;

const lockedPartShape = struct('LockedPart', lockedFields);

export const hotkeyLocksShape = struct('HotkeyLocks', {
  /** Of the decaying and of the perpetual locks there; those of the subnet's owner are in neither. */
  decaying: lockedPartShape,
  perpetual: lockedPartShape,
  /** Slot up to which both were reckoned. */
  slot: u64,
  /** Locks there, the owner's among them. */
  count: u32,
});
export type HotkeyLocks = ValueOf<typeof hotkeyLocksShape>;

/** Bytes that the deposit of a lock is reckoned from: its record, and the sum at its hotkey with its key. */
export const LOCK_BYTES = 230;

const lockTable = defineTable('staking', 'tokenLock', tokenLockShape);
const lockId = ({ netuid, coldkey, hotkey }: Place) =>
  `${bytesToHex(coldkey)}/${numberId(netuid)}/${bytesToHex(hotkey)}`;

/** Staked tokens that cannot leave their hotkey: `<coldkey hex>/<netuid>/<hotkey hex>`. */
export const tokenLocks = {
  table: lockTable,
  get: (view: StateView, place: Place) => lockTable.get(view, lockId(place)),
  set: (state: Overlay, place: Place, lock: TokenLock) => lockTable.set(state, lockId(place), lock),
  delete: (state: Overlay, place: Place) => lockTable.delete(state, lockId(place)),
};

const sumTable = defineTable('staking', 'hotkeyLocks', hotkeyLocksShape);
const sumId = (netuid: number, hotkey: AccountId) => `${numberId(netuid)}/${bytesToHex(hotkey)}`;

/** All locks at a hotkey on a subnet together: `<netuid>/<hotkey hex>`. */
export const hotkeyLocks = {
  table: sumTable,
  get: (view: StateView, netuid: number, hotkey: AccountId) => sumTable.get(view, sumId(netuid, hotkey)),
  set: (state: Overlay, netuid: number, hotkey: AccountId, sum: HotkeyLocks) =>
    sumTable.set(state, sumId(netuid, hotkey), sum),
  delete: (state: Overlay, netuid: number, hotkey: AccountId) =>
    sumTable.delete(state, sumId(netuid, hotkey)),
};
