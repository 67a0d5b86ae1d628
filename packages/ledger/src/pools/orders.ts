import {
  type AccountId,
  account,
  bool,
  bytes32,
  type Crypto,
  choice,
  concatBytes,
  list,
  optional,
  struct,
  u8,
  u16,
  u64,
  u64ToBytes,
  utf8ToBytes,
  type ValueOf,
} from '@cairn/core';
import { defineCell, defineTable, numberId } from '../state/table.ts';
import type { Overlay, StateView } from '../state/view.ts';
import { tradedCell } from './state.ts';

/** Room for as many plain orders as `maxOrdersPerPool` can allow, and for as many sealed ones as can be sealed at once. */
const MAX_ORDERS = 8_192;

/** As many as a block can have second legs in all. */
const MAX_LEGS = 4_096;

const orderShape = struct('Order', {
  /** Breaks ties between equal orders; see `orderId`. */
  id: bytes32,
  side: choice('side', ['buy', 'sell'], u8),
  /** `account`: of `owner`. `root`: dividends of those who stake on root at hotkey `owner`. */
  kind: choice('kind', ['account', 'root'], u8),
  owner: account,
  /** Pebbles of a buyer or tokens of a seller, in escrow. */
  amountIn: u64,
  /** Highest price of a buyer, lowest of a seller: pebbles for one token; null: none. */
  limitPrice: optional(u64),
  /** Least to receive for the whole. */
  minOut: u64,
  isPartialAllowed: bool,
  /** Of a seller: the subnet whose token is bought with the proceeds in the next block; null: none. */
  nextLeg: optional(struct('NextLeg', { netuid: u16, minOut: u64 })),
});
export type Order = ValueOf<typeof orderShape>;

const legShape = struct('Leg', {
  id: bytes32,
  netuid: u16,
  owner: account,
  /** Pebbles in escrow. */
  amountIn: u64,
  /** Fewest tokens for them. */
  minOut: u64,
});
export type Leg = ValueOf<typeof legShape>;

const orderTable = defineTable('pools', 'orders', list(orderShape, MAX_ORDERS), { isRemembered: true });

/** Orders that clear next, by subnet: at the end of this block, or when sealed orders whose turn it is are opened. */
export const orders = {
  get: (view: StateView, netuid: number): readonly Order[] => orderTable.get(view, numberId(netuid)) ?? [],
  add(state: Overlay, netuid: number, order: Order): void {
    const before = orderTable.get(state, numberId(netuid)) ?? [];
    orderTable.set(state, numberId(netuid), [...before, order]);
    const traded = tradedCell.get(state);
    if (!traded.includes(netuid))
      tradedCell.set(
        state,
        [...traded, netuid].sort((a, b) => a - b),
      );
  },
  clear: (state: Overlay, netuid: number) => orderTable.delete(state, numberId(netuid)),
  table: orderTable,
};

/** Second legs, whose turn is the next block. */
export const legsCell = defineCell<Leg[]>('pools', 'legs', list(legShape, MAX_LEGS), []);

/** Id of an order: nobody can choose one that comes first without changing who he is. */
export function orderId(crypto: Crypto, owner: AccountId, nonce: bigint, netuid: number): Uint8Array {
  return crypto.sha256(
    concatBytes(utf8ToBytes('cairn/order/v1'), owner, u64ToBytes(nonce), u64ToBytes(BigInt(netuid))),
  );
}
