import { type AccountId, type Amount, mulDiv, PEBBLES_PER_CAIRN } from '@cairn/core';
import { credit } from '../accounts/money.ts';
import type { BlockContext } from '../execution/context.ts';
import { recordFlow } from '../flows/record.ts';
import { addDividend } from '../staking/dividend.ts';
import { hotkeys } from '../staking/state.ts';
import { orderCleared, poolCleared, rootPaid } from './events.ts';
import { queueLeg } from './legs.ts';
import { addToReserves } from './market.ts';
import { type BatchFill, clearBatch } from './math/batch.ts';
import { PRICE_ONE } from './math/pool.ts';
import { isWaitingForOpenings } from './openings.ts';
import { type Order, orders } from './orders.ts';
import { markets, tradedCell } from './state.ts';
import { closeEmptyHolding, creditTokens, recycleTokens } from './tokens.ts';

/** Q64 of pebbles for one unit, from pebbles for one token. Rounds as the owner's bound allows: a buyer's down, a seller's up. */
export function limitOf({ side, limitPrice }: Pick<Order, 'side' | 'limitPrice'>): bigint | null {
  if (limitPrice === null) return null;
  const scaled = limitPrice * PRICE_ONE;
  return side === 'buy' ? scaled / PEBBLES_PER_CAIRN : (scaled + PEBBLES_PER_CAIRN - 1n) / PEBBLES_PER_CAIRN;
}

/**
 * Clears the orders that wait, pool by pool, each at one price. Nothing of them stays: what is not filled goes back
 * where it came from. While a sealed order whose turn it is may still be opened, all of them wait for it.
 *
 * Cost: O(orders · log orders), at most `maxOrdersPerPool` and the sealed ones in each pool.
 */
export function clearPools(context: BlockContext): void {
  const { state } = context;
  if (isWaitingForOpenings(context)) return;
  const traded = tradedCell.get(state);
  if (traded.length === 0) return;
  for (const netuid of traded) clearPool(context, netuid);
  tradedCell.set(state, []);
}

function clearPool(context: BlockContext, netuid: number): void {
  const { state, parameters } = context;
  const batch = orders.get(state, netuid);
  orders.clear(state, netuid);
  const market = markets.get(state, netuid)!;
  const outcome = clearBatch(
    market,
    batch.map((order) => ({ ...order, limitPrice: limitOf(order) })),
    { feeRate: parameters.poolFeeRate, minimumReserve: parameters.poolMinReserve },
  );
  const { fees, rounding } = outcome;
  const gift = { base: fees.base + rounding.base, quote: fees.quote + rounding.quote };
  const moved = movedBy(batch, outcome.fills);
  markets.set(
    state,
    netuid,
    addToReserves(
      {
        ...market,
        ...outcome.pool,
        outstanding: market.outstanding + moved.bought - moved.sold,
        userNet: market.userNet + moved.paid - moved.received,
      },
      gift,
    ),
  );
  // Buyers first: what they bring may be more than the pool had, and sellers are paid out of it.
  for (const side of ['buy', 'sell'] as const) {
    for (const [index, order] of batch.entries())
      if (order.side === side) settle(context, netuid, order, outcome.fills[index]!);
  }
  if (outcome.price === null) return;
  const { numerator, denominator } = outcome.price;
  poolCleared(context, netuid, mulDiv(numerator, PEBBLES_PER_CAIRN, denominator), batch.length);
}

interface Moved {
  /** Tokens that buyers got and sellers gave. */
  bought: Amount;
  sold: Amount;
  /** Pebbles that buyers paid and sellers got. */
  paid: Amount;
  received: Amount;
}

function movedBy(batch: readonly Order[], fills: readonly BatchFill[]): Moved {
  const moved: Moved = { bought: 0n, sold: 0n, paid: 0n, received: 0n };
  for (const [index, { side }] of batch.entries()) {
    const { spent, amountOut } = fills[index]!;
    if (side === 'buy') {
      moved.bought += amountOut;
      moved.paid += spent;
    } else {
      moved.sold += spent;
      moved.received += amountOut;
    }
  }
  return moved;
}

function settle(context: BlockContext, netuid: number, order: Order, fill: BatchFill): void {
  orderCleared(context, netuid, order, fill);
  if (order.side === 'buy') settleBuy(context, netuid, order, fill);
  else if (order.kind === 'root') settleRoot(context, netuid, order, fill);
  else settleSell(context, netuid, order, fill);
}

function settleBuy(context: BlockContext, netuid: number, { owner }: Order, fill: BatchFill): void {
  recordFlow(context.state, 'pools.buy', fill.spent);
  refund(context, netuid, owner, fill.returned);
  creditTokens(context, owner, netuid, fill.amountOut);
  closeEmptyHolding(context, owner, netuid);
}

/** What cannot be paid, to an account that was closed since and for less than a new one's deposit, is the pool's. */
function refund(context: BlockContext, netuid: number, owner: AccountId, amount: Amount): void {
  if (credit(context, owner, amount, 'pools.returnBuy') === null) return;
  recordFlow(context.state, 'pools.buy', amount);
  giveToPool(context, netuid, amount);
}

function giveToPool({ state }: BlockContext, netuid: number, quote: Amount): void {
  markets.set(state, netuid, addToReserves(markets.get(state, netuid)!, { base: 0n, quote }));
}

function settleSell(context: BlockContext, netuid: number, order: Order, fill: BatchFill): void {
  const { owner, nextLeg } = order;
  creditTokens(context, owner, netuid, fill.returned);
  closeEmptyHolding(context, owner, netuid);
  if (fill.amountOut === 0n) return;
  if (nextLeg !== null) {
    recordFlow(context.state, 'pools.sellLeg', fill.amountOut);
    queueLeg(context, order, nextLeg, fill.amountOut);
    return;
  }
  if (credit(context, owner, fill.amountOut, 'pools.sell') !== null)
    giveToPool(context, netuid, fill.amountOut);
}

/**
 * Dividends of those who stake on root: the take to the owner of the hotkey, the rest to its stake. A hotkey without
 * stake of its own has earned them as a child: they are its owner's.
 */
function settleRoot(context: BlockContext, netuid: number, { owner: hotkey }: Order, fill: BatchFill): void {
  const record = hotkeys.get(context.state, hotkey);
  recycleTokens(context, netuid, fill.returned);
  if (fill.amountOut === 0n) return;
  const takeBps = record === undefined ? 0n : record.totalShares === 0n ? 10_000n : BigInt(record.takeBps);
  const take = mulDiv(fill.amountOut, takeBps, 10_000n);
  const taken = take > 0n && credit(context, record!.owner, take, 'pools.sell') === null ? take : 0n;
  const rest = fill.amountOut - taken;
  const isShared = addDividend(context, hotkey, rest, 'pools.rootDividend');
  if (!isShared) giveToPool(context, netuid, rest);
  rootPaid(context, { netuid, hotkey, take: taken, amount: isShared ? rest : 0n });
}
