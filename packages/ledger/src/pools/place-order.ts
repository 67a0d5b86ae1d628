import type { MessageContext } from '../execution/context.ts';
import type { Verdict } from '../execution/message.ts';
import { type Order, orderId, orders } from './orders.ts';
import { ordersFull } from './problems.ts';

/** Puts the sender's order into this block's batch. What it pays with is in escrow already. */
export function placeOrder(
  context: MessageContext,
  netuid: number,
  order: Pick<Order, 'side' | 'amountIn' | 'limitPrice' | 'minOut' | 'isPartialAllowed' | 'nextLeg'>,
): Verdict {
  const { state, sender, nonce, crypto } = context;
  const most = context.parameters.maxOrdersPerPool;
  if (BigInt(orders.get(state, netuid).length) >= most) return ordersFull(netuid, most);
  const id = orderId(crypto, sender, nonce, netuid);
  orders.add(state, netuid, { ...order, id, kind: 'account', owner: sender });
  return null;
}
