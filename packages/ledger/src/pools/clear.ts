import { type Amount, mulDiv, PEBBLES_PER_CAIRN } from '@cairn/core';
import { credit } from '../accounts/money.ts';
import type { BlockContext } from '../execution/context.ts';
import { recordFlow } from '../flows/record.ts';
import { addDividend } from '../staking/dividend.ts';
import { hotkeys } from '../staking/state.ts';
import { orderCleared, poolCleared } from './events.ts';
import { addToReserves } from './market.ts';
import { type BatchFill, clearBatch } from './math/batch.ts';
import { PRICE_ONE } from './math/pool.ts';
import { nextOrders, type Order, orders } from './orders.ts';
import { type Market, markets, tradedCell } from './state.ts';
import { closeEmptyHolding, creditTokens } from './tokens.ts';

/** Q64 of pebbles for one unit, from pebbles for one token. Rounds as the owner's bound allows: a buyer's down, a seller's up. */
function limitOf({ side, limitPrice }: Order): bigint | null {
  if (limitPrice === null) return null;
  const scaled = limitPrice * PRICE_ONE;
  return side === 'buy' ? scaled / PEBBLES_PER_CAIRN : (scaled + PEBBLES_PER_CAIRN - 1n) / PEBBLES_PER_CAIRN;
}

/**
 * Clears the orders of the block, pool by pool, each at one price. Nothing of them stays: what is not filled goes
 * back where it came from.
 *
 * Cost: O(orders · log orders), at most `maxOrdersPerPool` in each pool.
 */
export function clearPools(context: BlockContext): void {
  const { state } = context;
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
        userIn: market.userIn + moved.paid,
        userOut: market.userOut + moved.received,
      },
      gift,
    ),
  );
  for (const [index, order] of batch.entries()) settle(context, netuid, order, outcome.fills[index]!);
  if (outcome.price === null) return;
  const { numerator, denominator } = outcome.price;
  poolCleared(context, netuid, mulDiv(numerator, PEBBLES_PER_CAIRN, denominator), batch.length);
}

interface Moved {
  /** Tokens that buyers got and sellers gave. */
  bought: Amount;
  sold: Amount;
  /** Pebbles that buyers paid and sellers got, in the scale of flows, root's dividends left out. */
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
