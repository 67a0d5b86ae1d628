import { releaseDeposit } from '../accounts/money.ts';
import type { BlockContext } from '../execution/context.ts';
import { recordFlow } from '../flows/record.ts';
import { orderExpired } from './events.ts';
import { type Sealed, sealedOrders } from './sealed.ts';

/**
 * Whether all orders wait at the end of this block. There is only one batch: whatever anybody has seen, a plain order
 * or an opened one, is in the batch that clears next, so nothing that is sent or opened after it can come before it.
 * Sealed orders are opened in turns: those sealed during a turn, of which nobody knows anything, are opened in the
 * next. A turn lasts until all are opened, at most `sealedOrderWindow` blocks, and its end clears the batch. Orders of
 * the block in which sealed ones begin to wait clear with them, not before them.
 *
 * Cost: one record in a block without sealed orders.
 */
export function isWaitingForOpenings(context: BlockContext): boolean {
  const { state, parameters } = context;
  const { blocksLeft, sealed } = sealedOrders.opening(state);
  const isTurn = blocksLeft > 0;
  if (!isTurn && sealedOrders.waiting(state).length === 0) return false;
  if (isTurn && sealed.length > 0 && blocksLeft > 1) {
    sealedOrders.passBlock(state);
    return true;
  }
  for (const expired of sealed) expire(context, expired);
  sealedOrders.nextTurn(state, parameters.sealedOrderWindow);
  return !isTurn;
}

/** What was not opened costs its bond: it made everybody wait. */
function expire(context: BlockContext, expired: Sealed): void {
  releaseDeposit(context, expired.owner, expired.deposit);
  recordFlow(context.state, 'pools.forfeitBond', expired.bond);
  orderExpired(context, expired);
}
