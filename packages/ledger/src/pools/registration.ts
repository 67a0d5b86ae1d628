import type { AccountId, Amount } from '@cairn/core';
import { debit } from '../accounts/money.ts';
import type { MessageContext } from '../execution/context.ts';
import type { Verdict } from '../execution/message.ts';
import { buyForProtocol } from './market.ts';
import { markets } from './state.ts';

/**
 * The price of a neuron buys tokens of the subnet along the curve, before the batch of the block, and burns them: who
 * joins pays everybody who holds the token.
 */
export function burnRegistration(
  context: MessageContext,
  netuid: number,
  payer: AccountId,
  price: Amount,
): Verdict {
  const { state } = context;
  const refused = debit(context, payer, price, 'pools.registration');
  if (refused !== null || price === 0n) return refused;
  const { market, bought } = buyForProtocol(markets.get(state, netuid)!, price);
  markets.set(state, netuid, {
    ...market,
    burned: market.burned + bought,
    userNet: market.userNet + price,
  });
  return null;
}
