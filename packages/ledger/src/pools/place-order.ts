import type { MessageContext } from '../execution/context.ts';
import type { Verdict } from '../execution/message.ts';
import { type Order, orderId, orders } from './orders.ts';
import { ordersFull } from './problems.ts';

/** The part of an order that its sender chooses. */
export type ChosenOrder = Pick<
  Order,
  'side' | 'amountIn' | 'limitPrice' | 'minOut' | 'isPartialAllowed' | 'nextLeg'
>;

/** Puts an order among those that clear next. What it pays with is in escrow already. */
export type Place = (context: MessageContext, netuid: number, order: ChosenOrder) => Verdict;

/** Puts the sender's order, which everybody sees, into the batch that clears next. */
export const placeOrder: Place = (context, netuid, order) => {
  const { state, sender, nonce, crypto } = context;
  const most = context.parameters.maxOrdersPerPool;
  if (BigInt(orders.get(state, netuid).length) >= most) return ordersFull(netuid, most);
  const id = orderId(crypto, sender, nonce, netuid);
  orders.add(state, netuid, { ...order, id, kind: 'account', owner: sender });
  return null;
};
