import { type AccountId, type Amount, bytesToHex, struct, u64 } from '@cairn/core';
import { defineTable, numberId } from '../state/table.ts';
import type { Overlay, StateView } from '../state/view.ts';
import type { SharePool } from './pool.ts';
import { hotkeys, type Position, positionShape } from './state.ts';

const tokenPoolShape = struct('TokenPool', {
  /** Tokens of all positions together; dividends add to it. */
  totalStake: u64,
  totalShares: u64,
});

const EMPTY: SharePool = { totalStake: 0n, totalShares: 0n };

const poolTable = defineTable('staking', 'tokenPool', tokenPoolShape, { isRemembered: true });
const poolId = (netuid: number, hotkey: AccountId) => `${numberId(netuid)}/${bytesToHex(hotkey)}`;

/** Tokens staked to a hotkey on a subnet: `<netuid>/<hotkey hex>`. */
export const tokenPools = {
  table: poolTable,
  get: (view: StateView, netuid: number, hotkey: AccountId): SharePool =>
    poolTable.get(view, poolId(netuid, hotkey)) ?? EMPTY,
  /** Writes a pool and counts at its hotkey whether it has any. */
  set(state: Overlay, netuid: number, hotkey: AccountId, pool: SharePool): void {
    const id = poolId(netuid, hotkey);
    const before = poolTable.get(state, id);
    if (pool.totalShares > 0n) poolTable.set(state, id, { ...pool });
    else if (before !== undefined) poolTable.delete(state, id);
    const change = (pool.totalShares > 0n ? 1 : 0) - (before === undefined ? 0 : 1);
    if (change === 0) return;
    const record = hotkeys.get(state, hotkey)!;
    hotkeys.set(state, hotkey, { ...record, tokenPools: record.tokenPools + change });
  },
};

const positionTable = defineTable('staking', 'tokenPosition', positionShape);
const positionId = (coldkey: AccountId, netuid: number, hotkey: AccountId) =>
  `${bytesToHex(coldkey)}/${numberId(netuid)}/${bytesToHex(hotkey)}`;

/** Who staked tokens to whom: `<coldkey hex>/<netuid>/<hotkey hex>`. */
export const tokenPositions = {
  table: positionTable,
  get: (view: StateView, coldkey: AccountId, netuid: number, hotkey: AccountId) =>
    positionTable.get(view, positionId(coldkey, netuid, hotkey)),
  set: (state: Overlay, coldkey: AccountId, netuid: number, hotkey: AccountId, value: Position) =>
    positionTable.set(state, positionId(coldkey, netuid, hotkey), value),
  delete: (state: Overlay, coldkey: AccountId, netuid: number, hotkey: AccountId) =>
    positionTable.delete(state, positionId(coldkey, netuid, hotkey)),
};

/** Gives tokens to all who stake to a hotkey on a subnet, by share. @returns false when nobody does */
export function addTokenDividend(state: Overlay, netuid: number, hotkey: AccountId, amount: Amount): boolean {
  const pool = tokenPools.get(state, netuid, hotkey);
  if (pool.totalShares === 0n) return false;
  if (amount > 0n) tokenPools.set(state, netuid, hotkey, { ...pool, totalStake: pool.totalStake + amount });
  return true;
}
