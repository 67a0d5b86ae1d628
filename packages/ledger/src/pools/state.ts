import { type AccountId, bytesToHex, list, struct, u16, u64, type ValueOf } from '@cairn/core';
import { defineCell, defineTable, numberId } from '../state/table.ts';
import type { Overlay, StateView } from '../state/view.ts';

/** Fraction bits of a moving average of a price: one CAIRN for one token is 2^60. */
export const EMA_BITS = 60n;

/** What a pebble of flow counts for in the moving averages of flows, so that small flows are not rounded away. */
export const FLOW_SCALE = 256n;

/** A flow of zero as it is stored, since a flow may be negative. */
export const FLOW_ZERO = 1n << 63n;

export const marketShape = struct('SubnetMarket', {
  /** Reserve of the subnet's token, in 1e-9 token. */
  base: u64,
  /** Reserve of CAIRN, in pebbles. */
  quote: u64,
  /** Weight of the CAIRN reserve, of 10^18. */
  quoteWeight: u64,
  /** Tokens outside the pool: held, staked, pending, in orders, and the protocol's own. */
  outstanding: u64,
  /** Tokens burned. They stay counted as issued. */
  burned: u64,
  /** Of those outstanding what the protocol bought: nobody owns it. */
  protocolBase: u64,
  /** Moving average of the price; 2^60 is one CAIRN for one token. */
  priceEma: u64,
  startedSlot: u64,
  /** Share of the latest epoch's incentive that went to hotkeys of the owner and was burned, of 2^32. */
  minerBurned: u64,
  /**
   * Flows of CAIRN into the pool less what left it, of people and of the protocol: moving averages over slots, in
   * pebbles · 256, and what the latest block moved, in pebbles. All stored with `FLOW_ZERO` added.
   */
  userFlow: u64,
  protocolFlow: u64,
  userNet: u64,
  protocolNet: u64,
  /** Pebbles that claims naming the subnet burned and that emission by usage has not yet paid back, in this epoch. */
  burnCaused: u64,
});
export type Market = ValueOf<typeof marketShape>;

const marketTable = defineTable('pools', 'market', marketShape, { isRemembered: true });

/** The token of each subnet: its pool, its supply, its averages. */
export const markets = {
  table: marketTable,
  get: (view: StateView, netuid: number) => marketTable.get(view, numberId(netuid)),
  set: (state: Overlay, netuid: number, value: Market) => marketTable.set(state, numberId(netuid), value),
  delete: (state: Overlay, netuid: number) => marketTable.delete(state, numberId(netuid)),
};

/** Tokens of a subnet that were ever issued and not recycled: what its halving runs on. */
export function tokenIssuance({ base, outstanding, burned }: Market): bigint {
  return base + outstanding + burned;
}

export const holdingShape = struct('Holding', {
  /** In 1e-9 token. */
  amount: u64,
  /** Refundable deposit of this record, paid by the account; 0 when emission opened it. */
  deposit: u64,
});
export type Holding = ValueOf<typeof holdingShape>;

/** Bytes that the deposit of a holding is reckoned from. */
export const HOLDING_BYTES = 16;

const holdingTable = defineTable('pools', 'holding', holdingShape, { isRemembered: true });
const holdingId = (account: AccountId, netuid: number) => `${bytesToHex(account)}/${numberId(netuid)}`;

/** Tokens in an account, not staked: `<account hex>/<netuid>`. */
export const holdings = {
  table: holdingTable,
  get: (view: StateView, account: AccountId, netuid: number) =>
    holdingTable.get(view, holdingId(account, netuid)),
  set: (state: Overlay, account: AccountId, netuid: number, value: Holding) =>
    holdingTable.set(state, holdingId(account, netuid), value),
  delete: (state: Overlay, account: AccountId, netuid: number) =>
    holdingTable.delete(state, holdingId(account, netuid)),
};

/** Subnets whose pool has orders that clear next, ascending. */
export const tradedCell = defineCell<number[]>('pools', 'traded', list(u16, 4_096), [], {
  isRemembered: true,
});
