import type { AccountId, Amount } from '@cairn/core';
import { credit } from '../accounts/money.ts';
import type { BlockContext } from '../execution/context.ts';
import { recordFlow } from '../flows/record.ts';
import { legReturned } from './events.ts';
import { type Leg, legsCell, type Order, orders } from './orders.ts';
import { markets } from './state.ts';
import { closeEmptyHolding } from './tokens.ts';

/** Keeps the proceeds of a first leg until the next block: nothing in one block depends on a swap of it. */
export function queueLeg(
  context: BlockContext,
  { id, owner }: Order,
  { netuid, minOut }: { readonly netuid: number; readonly minOut: Amount },
  amountIn: Amount,
): void {
  const { state } = context;
  const waiting = legsCell.get(state);
  if (waiting.length >= MAX_LEGS) payOut(context, netuid, owner, amountIn);
  else legsCell.set(state, [...waiting, { id, netuid, owner, amountIn, minOut }]);
}

/** As many as a block can have second legs in all. */
const MAX_LEGS = 4_096;

/** Puts the second legs of what cleared in the last block into the batches that clear next. */
export function placeLegs(context: BlockContext): void {
  const { state } = context;
  const waiting = legsCell.get(state);
  if (waiting.length === 0) return;
  legsCell.set(state, []);
  for (const leg of waiting) placeLeg(context, leg);
}

function placeLeg(context: BlockContext, { id, netuid, owner, amountIn, minOut }: Leg): void {
  const { state, parameters } = context;
  const isFull = BigInt(orders.get(state, netuid).length) >= parameters.maxOrdersPerPool;
  if (isFull || markets.get(state, netuid) === undefined) {
    payOut(context, netuid, owner, amountIn);
    return;
  }
  orders.add(state, netuid, {
    id,
    side: 'buy',
    kind: 'account',
    owner,
    amountIn,
    limitPrice: null,
    minOut,
    isPartialAllowed: false,
    nextLeg: null,
  });
}

/** What cannot be paid, to an account that was closed since and for less than a new one's deposit, is recycled. */
function payOut(context: BlockContext, netuid: number, owner: AccountId, amount: Amount): void {
  const refused = credit(context, owner, amount, 'pools.returnBuy');
  if (refused !== null) recordFlow(context.state, 'pools.unpaid', amount);
  closeEmptyHolding(context, owner, netuid);
  legReturned(context, netuid, owner, amount);
}
