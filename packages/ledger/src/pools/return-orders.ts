import { credit } from '../accounts/money.ts';
import type { BlockContext } from '../execution/context.ts';
import { recordFlow } from '../flows/record.ts';
import { orderReturned } from './events.ts';
import { type Order, orders } from './orders.ts';
import { tradedCell } from './state.ts';
import { closeEmptyHolding, creditTokens, recycleTokens } from './tokens.ts';

/**
 * Gives back what orders of a subnet hold that ends before they clear. Tokens that were to be sold for root stakers
 * have nobody they could be given to: they are recycled, and what the pool holds is for fewer.
 *
 * Cost: a few records for each order.
 */
export function returnOrders(context: BlockContext, netuid: number): void {
  const { state } = context;
  const waiting = orders.get(state, netuid);
  if (waiting.length === 0) return;
  orders.clear(state, netuid);
  tradedCell.set(
    state,
    tradedCell.get(state).filter((traded) => traded !== netuid),
  );
  for (const order of waiting) {
    giveBack(context, netuid, order);
    orderReturned(context, netuid, order);
  }
}

function giveBack(context: BlockContext, netuid: number, order: Order): void {
  const { side, kind, owner, amountIn, nextLeg } = order;
  if (kind === 'root') {
    recycleTokens(context, netuid, amountIn);
    return;
  }
  if (side === 'sell') {
    creditTokens(context, owner, netuid, amountIn);
    if (nextLeg !== null) closeEmptyHolding(context, owner, nextLeg.netuid);
    return;
  }
  const unpaid = credit(context, owner, amountIn, 'pools.returnBuy');
  if (unpaid !== null) recordFlow(context.state, 'pools.unpaid', amountIn);
  closeEmptyHolding(context, owner, netuid);
}
