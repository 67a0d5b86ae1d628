import { areBytesEqual, bytesToHex } from '@cairn/core';
import { releaseDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { returnBid } from '../bids.ts';
import { orderCancelled } from '../events.ts';
import { bidKey, bids, computeOrders, MAX_BIDS } from '../market.ts';
import { namedOrderShape } from '../messages/market.ts';
import { orderUnknown } from '../problems.ts';
import { dropReference } from '../settle.ts';

export const cancelOrderMessage = defineMessage({
  id: 165,
  name: 'compute.cancelOrder',
  help: 'Takes an order of the sender back; all bonds and deposits return. One that expired anyone may clear away.',
  shape: namedOrderShape,
  work: () => 6 + 2 * MAX_BIDS,
  apply(context, { order: id }) {
    const hex = bytesToHex(id);
    const order = computeOrders.get(context.state, hex);
    if (order === undefined) return orderUnknown(id);
    if (!areBytesEqual(order.tenant, context.sender) && order.expirySlot > context.slot)
      return problem('NOT_TENANT', `Only its tenant can cancel order ${hex} before it expires.`);
    for (const bidder of order.bidders) returnBid(context, id, bids.get(context.state, bidKey(id, bidder))!);
    computeOrders.delete(context.state, hex);
    releaseDeposit(context, order.tenant, order.recordDeposit);
    dropReference(context, order.deployment);
    orderCancelled(context, id, order);
    return null;
  },
});
