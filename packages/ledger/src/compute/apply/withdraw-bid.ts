import { accountIdToAddress, areBytesEqual, bytesToHex } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { returnBid } from '../bids.ts';
import { bidWithdrawn } from '../events.ts';
import { bidKey, bids, computeOrders } from '../market.ts';
import { namedOrderShape } from '../messages/market.ts';
import { orderUnknown } from '../problems.ts';

export const withdrawBidMessage = defineMessage({
  id: 164,
  name: 'compute.withdrawBid',
  help: 'Takes a bid of the sender back, with its bond, while it is no lease.',
  shape: namedOrderShape,
  work: () => 6,
  apply(context, { order: id }) {
    const hex = bytesToHex(id);
    const order = computeOrders.get(context.state, hex);
    if (order === undefined) return orderUnknown(id);
    const bid = bids.get(context.state, bidKey(id, context.sender));
    if (bid === undefined) {
      return problem('BID_UNKNOWN', `${accountIdToAddress(context.sender)} has no bid on order ${hex}.`);
    }
    returnBid(context, id, bid);
    const bidders = order.bidders.filter((bidder) => !areBytesEqual(bidder, context.sender));
    computeOrders.set(context.state, hex, { ...order, bidders });
    bidWithdrawn(context, id, context.sender);
    return null;
  },
});
