import {
  type AccountId,
  account,
  bytesToHex,
  concatBytes,
  struct,
  u16,
  u64,
  utf8ToBytes,
  type ValueOf,
} from '@cairn/core';
import { defineTable } from '../state/table.ts';
import type { Overlay, StateView } from '../state/view.ts';

export const hotkeyShape = struct('Hotkey', {
  /** The coldkey that registers it, gets its pay and sets its take. */
  owner: account,
  /** Share of its stakers' dividends that the owner keeps, in basis points. */
  takeBps: u16,
  /** Slot at which the take was last raised. */
  takeRaisedSlot: u64,
  /** Pebbles of all positions together; dividends add to it. */
  totalStake: u64,
  /** Shares of all positions together. One share is worth `totalStake / totalShares`, never less than before. */
  totalShares: u64,
  /** Pebbles and shares of those positions whose dividends are kept in tokens. They are not in the two above. */
  keptStake: u64,
  keptShares: u64,
  /** Subnets whose tokens are staked to it. */
  tokenPools: u16,
  /** Subnets in which it holds a uid. */
  neurons: u16,
  /** Refundable deposit of this record, paid by the owner. */
  deposit: u64,
});
export type Hotkey = ValueOf<typeof hotkeyShape>;

export const positionShape = struct('Position', {
  shares: u64,
  /** Refundable deposit of this record, paid by the coldkey. */
  deposit: u64,
});
export type Position = ValueOf<typeof positionShape>;

/** Bytes that the deposits of the records are reckoned from. */
export const HOTKEY_BYTES = 86;
export const POSITION_BYTES = 80;

const hotkeyTable = defineTable('staking', 'hotkey', hotkeyShape, { isRemembered: true });

export const hotkeys = {
  table: hotkeyTable,
  get: (view: StateView, hotkey: AccountId) => hotkeyTable.get(view, bytesToHex(hotkey)),
  set: (state: Overlay, hotkey: AccountId, value: Hotkey) =>
    hotkeyTable.set(state, bytesToHex(hotkey), value),
  delete: (state: Overlay, hotkey: AccountId) => hotkeyTable.delete(state, bytesToHex(hotkey)),
};

/** All CAIRN on root at a hotkey, in pebbles. */
export function rootStakeOf(view: StateView, hotkey: AccountId): bigint {
  const record = hotkeys.get(view, hotkey);
  return record === undefined ? 0n : record.totalStake + record.keptStake;
}

const positionTable = defineTable('staking', 'position', positionShape);
const positionId = (coldkey: AccountId, hotkey: AccountId) => `${bytesToHex(coldkey)}/${bytesToHex(hotkey)}`;

/** Who staked to whom: `<coldkey hex>/<hotkey hex>`. */
export const positions = {
  table: positionTable,
  get: (view: StateView, coldkey: AccountId, hotkey: AccountId) =>
    positionTable.get(view, positionId(coldkey, hotkey)),
  set: (state: Overlay, coldkey: AccountId, hotkey: AccountId, value: Position) =>
    positionTable.set(state, positionId(coldkey, hotkey), value),
  delete: (state: Overlay, coldkey: AccountId, hotkey: AccountId) =>
    positionTable.delete(state, positionId(coldkey, hotkey)),
};

/** What a hotkey signs to say that a coldkey owns it. */
export function hotkeySignBytes(chainId: Uint8Array, coldkey: AccountId): Uint8Array {
  return concatBytes(utf8ToBytes('cairn/hotkey/v1'), chainId, coldkey);
}
