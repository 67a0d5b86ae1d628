import { credit, releaseDeposit } from '../accounts/money.ts';
import type { BlockContext } from '../execution/context.ts';
import { type Bid, bidKey, bids } from './market.ts';

/** Deletes a bid; its bond and its deposit go back to who made it. */
export function returnBid(context: BlockContext, order: Uint8Array, bid: Bid): void {
  bids.delete(context.state, bidKey(order, bid.provider));
  releaseDeposit(context, bid.provider, bid.recordDeposit);
  credit(context, bid.provider, bid.terms.bond, 'compute.returnBond');
}
