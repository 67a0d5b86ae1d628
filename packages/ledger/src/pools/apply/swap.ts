import { defineMessage, problem } from '../../execution/message.ts';
import { closingFault } from '../../subnets/lifecycle/closing.ts';
import { subnetUnknown } from '../../subnets/problems.ts';
import { swapShape } from '../messages/swap.ts';
import { placeOrder } from '../place-order.ts';
import { amountZero } from '../problems.ts';
import { holdings, markets } from '../state.ts';
import { debitTokens, openHolding } from '../tokens.ts';

export const swapMessage = defineMessage({
  id: 146,
  name: 'pools.swap',
  help: "Moves from one subnet's token to another's: sells in this block, buys with the proceeds in the next.",
  shape: swapShape,
  work: () => 48,
  apply(context, { from, to, amount, minProceeds, minOut }) {
    const { state, sender } = context;
    if (from === to) return problem('SUBNETS_EQUAL', `Both legs name subnet ${from}. Name two subnets.`);
    const missing = [from, to].find((netuid) => markets.get(state, netuid) === undefined);
    if (missing !== undefined) return subnetUnknown(state, missing);
    const amountIn = amount ?? holdings.get(state, sender, from)?.amount ?? 0n;
    if (amountIn === 0n) return amountZero();
    return (
      closingFault(context, to) ??
      openHolding(context, sender, to) ??
      debitTokens(context, sender, from, amountIn) ??
      placeOrder(context, from, {
        side: 'sell',
        amountIn,
        limitPrice: null,
        minOut: minProceeds,
        isPartialAllowed: false,
        nextLeg: { netuid: to, minOut },
      })
    );
  },
});
