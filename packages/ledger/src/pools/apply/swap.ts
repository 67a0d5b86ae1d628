import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type Verdict } from '../../execution/message.ts';
import { closingFault } from '../../subnets/lifecycle/closing.ts';
import { subnetUnknown } from '../../subnets/problems.ts';
import type { SellTokens } from '../messages/sell.ts';
import { swapShape } from '../messages/swap.ts';
import { type ChosenOrder, type Place, placeOrder } from '../place-order.ts';
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
    const first = { netuid: from, amount, limitPrice: null, minOut: minProceeds, isPartialAllowed: false };
    return placeSwap(context, { ...first, nextLeg: { netuid: to, minOut } }, placeOrder);
  },
});

/** Takes the tokens of who moves from one subnet to another and places the first leg. */
export function placeSwap(
  context: MessageContext,
  {
    netuid: from,
    amount,
    nextLeg,
    ...bounds
  }: SellTokens & { readonly nextLeg: NonNullable<ChosenOrder['nextLeg']> },
  place: Place,
): Verdict {
  const { state, sender } = context;
  const to = nextLeg.netuid;
  if (from === to) return problem('SUBNETS_EQUAL', `Both legs name subnet ${from}. Name two subnets.`);
  const missing = [from, to].find((netuid) => markets.get(state, netuid) === undefined);
  if (missing !== undefined) return subnetUnknown(state, missing);
  const amountIn = amount ?? holdings.get(state, sender, from)?.amount ?? 0n;
  if (amountIn === 0n) return amountZero();
  return (
    closingFault(context, to) ??
    openHolding(context, sender, to) ??
    debitTokens(context, sender, from, amountIn) ??
    place(context, from, { side: 'sell', amountIn, ...bounds, nextLeg })
  );
}
