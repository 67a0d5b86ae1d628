import { type AccountId, areBytesEqual, bytesToHex } from '@cairn/core';
import { credit, releaseDeposit } from '../../accounts/money.ts';
import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type Verdict } from '../../execution/message.ts';
import { orderOpened } from '../events.ts';
import { openOrderShape } from '../messages/open-order.ts';
import { orderId, orders } from '../orders.ts';
import type { Place } from '../place-order.ts';
import { amountZero } from '../problems.ts';
import { findSealed, type Sealed, type SealedOrder, sealedOrderCommitment, sealedOrders } from '../sealed.ts';
import { placeBuy } from './buy.ts';
import { placeSell } from './sell.ts';
import { placeSwap } from './swap.ts';

export const openOrderMessage = defineMessage({
  id: 149,
  name: 'pools.openOrder',
  help: 'Shows a sealed order when its turn has come: what it pays with is taken now, it joins the swaps that clear next, and its bond comes back.',
  shape: openOrderShape,
  work: () => 56,
  apply(context, { commitment, salt, order }) {
    const { state, sender, crypto, chainId } = context;
    const sealed = findSealed(sealedOrders.opening(state).sealed, sender, commitment);
    if (sealed === undefined) return notOpenable(context, commitment);
    if (!areBytesEqual(sealedOrderCommitment(crypto, { chainId, sender, salt, order }), commitment))
      return problem(
        'OPENING_MISMATCH',
        `This order and salt are not what ${bytesToHex(commitment)} was made from. Send exactly what was sealed.`,
      );
    sealedOrders.remove(state, sealed);
    releaseDeposit(context, sender, sealed.deposit);
    const unpaid = credit(context, sender, sealed.bond, 'pools.returnBond');
    if (unpaid !== null) return unpaid;
    orderOpened(context, { owner: sender, commitment, order });
    return placeOpened(context, order, placeOf(context, sealed));
  },
});

function notOpenable({ state, sender }: MessageContext, commitment: Uint8Array): Verdict {
  if (findSealed(sealedOrders.waiting(state), sender, commitment) === undefined)
    return problem(
      'SEALED_ORDER_UNKNOWN',
      `You have no sealed order ${bytesToHex(commitment)}: it was never sealed, was opened, or its time to be opened is over. Seal it again.`,
    );
  return problem(
    'OPENING_TOO_EARLY',
    'Orders sealed before this one, or in this very block, come first, so nobody needs to see it yet. Open it when pools_sealedOrders says that it is its turn.',
  );
}

/** There is always room: a list has as many places for sealed orders as can be sealed at once. */
function placeOf({ state, sender, crypto }: MessageContext, { nonce }: Sealed): Place {
  return (_, netuid, order) => {
    const id = orderId(crypto, sender, nonce, netuid);
    orders.add(state, netuid, { ...order, id, kind: 'account', owner: sender as AccountId });
    return null;
  };
}

function placeOpened(context: MessageContext, order: SealedOrder, place: Place): Verdict {
  const { side, netuid, amount, limitPrice, minOut, isPartialAllowed, nextLeg } = order;
  const bounds = { limitPrice, minOut, isPartialAllowed };
  if (side === 'sell' && nextLeg === null) return placeSell(context, { netuid, amount, ...bounds }, place);
  if (side === 'sell') return placeSwap(context, { netuid, amount, ...bounds, nextLeg: nextLeg! }, place);
  if (nextLeg !== null)
    return problem('NEXT_LEG_OF_BUY', 'Only a sale can buy another token with what it brings.');
  return amount === null ? amountZero() : placeBuy(context, { netuid, amount, ...bounds }, place);
}
