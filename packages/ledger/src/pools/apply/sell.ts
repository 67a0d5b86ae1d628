import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, type Verdict } from '../../execution/message.ts';
import { subnetUnknown } from '../../subnets/problems.ts';
import { type SellTokens, sellShape } from '../messages/sell.ts';
import { type Place, placeOrder } from '../place-order.ts';
import { amountZero } from '../problems.ts';
import { holdings, markets } from '../state.ts';
import { debitTokens } from '../tokens.ts';

export const sellMessage = defineMessage({
  id: 145,
  name: 'pools.sell',
  help: "Sells a subnet's token for CAIRN at the end of the block, at the one price of all its swaps. What the bounds do not allow comes back.",
  shape: sellShape,
  work: () => 24,
  apply: (context, message) => placeSell(context, message, placeOrder),
});

/** Takes the tokens of a seller and places the order. */
export function placeSell(
  context: MessageContext,
  { netuid, amount, ...bounds }: SellTokens,
  place: Place,
): Verdict {
  const { state, sender } = context;
  if (markets.get(state, netuid) === undefined) return subnetUnknown(state, netuid);
  const amountIn = amount ?? holdings.get(state, sender, netuid)?.amount ?? 0n;
  if (amountIn === 0n) return amountZero();
  return (
    debitTokens(context, sender, netuid, amountIn) ??
    place(context, netuid, { side: 'sell', amountIn, ...bounds, nextLeg: null })
  );
}
