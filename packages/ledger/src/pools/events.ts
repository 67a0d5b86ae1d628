import { type AccountId, type Amount, accountIdToAddress, bytesToHex } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import type { BatchFill } from './math/batch.ts';
import type { Order } from './orders.ts';
import type { SealedOrder } from './sealed.ts';

export function tokensTransferred(
  context: BlockContext,
  moved: {
    readonly netuid: number;
    readonly from: AccountId;
    readonly to: AccountId;
    readonly amount: Amount;
  },
): void {
  context.emit('pools.transferred', {
    netuid: moved.netuid,
    from: accountIdToAddress(moved.from),
    to: accountIdToAddress(moved.to),
    amount: moved.amount.toString(),
  });
}

/** One order at the end of its block. Amounts of a buyer: pebbles in, tokens out; of a seller the other way round. */
export function orderCleared(context: BlockContext, netuid: number, order: Order, fill: BatchFill): void {
  context.emit('pools.orderCleared', {
    netuid,
    side: order.side,
    kind: order.kind,
    owner: accountIdToAddress(order.owner),
    status: fill.status,
    spent: fill.spent.toString(),
    returned: fill.returned.toString(),
    fee: fill.fee.toString(),
    amountOut: fill.amountOut.toString(),
  });
}

/** All swaps of a block in one pool cleared at one price, in pebbles for one token (rounded down). */
export function poolCleared(context: BlockContext, netuid: number, price: Amount, count: number): void {
  context.emit('pools.cleared', { netuid, price: price.toString(), orders: count });
}

/** A second leg that brought less than was asked, or has no pool any more: its CAIRN was paid out. */
export function legReturned(context: BlockContext, netuid: number, owner: AccountId, amount: Amount): void {
  context.emit('pools.legReturned', {
    netuid,
    owner: accountIdToAddress(owner),
    amount: amount.toString(),
  });
}

/** Dividends of root stakers, sold for CAIRN: the take of the hotkey's owner and `amount` to its stake. */
export function rootPaid(
  context: BlockContext,
  paid: {
    readonly netuid: number;
    readonly hotkey: AccountId;
    readonly take: Amount;
    readonly amount: Amount;
  },
): void {
  context.emit('pools.rootPaid', {
    netuid: paid.netuid,
    hotkey: accountIdToAddress(paid.hotkey),
    take: paid.take.toString(),
    amount: paid.amount.toString(),
  });
}

/** An order of which only the hash is known. The bond comes back when it is opened. */
export function orderSealed(
  context: BlockContext,
  sealed: { readonly owner: AccountId; readonly commitment: Uint8Array; readonly bond: Amount },
): void {
  context.emit('pools.orderSealed', {
    owner: accountIdToAddress(sealed.owner),
    commitment: bytesToHex(sealed.commitment),
    bond: sealed.bond.toString(),
  });
}

/** What a sealed order is. It clears with the others that wait; an amount of null is all that is held. */
export function orderOpened(
  context: BlockContext,
  opened: { readonly owner: AccountId; readonly commitment: Uint8Array; readonly order: SealedOrder },
): void {
  const { side, netuid, amount, nextLeg } = opened.order;
  context.emit('pools.orderOpened', {
    owner: accountIdToAddress(opened.owner),
    commitment: bytesToHex(opened.commitment),
    netuid,
    side,
    amount: amount === null ? null : amount.toString(),
    to: nextLeg === null ? null : nextLeg.netuid,
  });
}

/** A sealed order that nobody opened in its time: its bond is recycled. */
export function orderExpired(
  context: BlockContext,
  expired: { readonly owner: AccountId; readonly commitment: Uint8Array; readonly bond: Amount },
): void {
  context.emit('pools.orderExpired', {
    owner: accountIdToAddress(expired.owner),
    commitment: bytesToHex(expired.commitment),
    forfeited: expired.bond.toString(),
  });
}

/** An order whose subnet ended before it cleared: what it would have paid with went back. */
export function orderReturned(
  context: BlockContext,
  netuid: number,
  { side, kind, owner, amountIn }: Order,
): void {
  context.emit('pools.orderReturned', {
    netuid,
    side,
    kind,
    owner: accountIdToAddress(owner),
    amount: amountIn.toString(),
  });
}
