import { debit } from '../../accounts/money.ts';
import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, type Verdict } from '../../execution/message.ts';
import { closingFault } from '../../subnets/lifecycle/closing.ts';
import { subnetUnknown } from '../../subnets/problems.ts';
import { type BuyTokens, buyShape } from '../messages/buy.ts';
import { type Place, placeOrder } from '../place-order.ts';
import { amountZero } from '../problems.ts';
import { markets } from '../state.ts';
import { openHolding } from '../tokens.ts';

export const buyMessage = defineMessage({
  id: 144,
  name: 'pools.buy',
  help: "Buys a subnet's token with CAIRN at the end of the block, at the one price of all its swaps. What the bounds do not allow comes back.",
  shape: buyShape,
  work: () => 24,
  apply: (context, message) => placeBuy(context, message, placeOrder),
});

/** Takes what a buyer pays with and places the order. */
export function placeBuy(
  context: MessageContext,
  { netuid, amount, ...bounds }: BuyTokens,
  place: Place,
): Verdict {
  const { state, sender } = context;
  if (markets.get(state, netuid) === undefined) return subnetUnknown(state, netuid);
  if (amount === 0n) return amountZero();
  return (
    closingFault(context, netuid) ??
    openHolding(context, sender, netuid) ??
    debit(context, sender, amount, 'pools.escrowBuy') ??
    place(context, netuid, { side: 'buy', amountIn: amount, ...bounds, nextLeg: null })
  );
}
