import type { Amount } from '@cairn/core';
import { lowestTerms, type Ratio } from '../../fraction/ratio.ts';
import { type Clearing, findClearing, shareOut } from './clearing-price.ts';
import type { Side } from './curve.ts';
import { feeOnTopUp, feeWithinUp } from './fee.ts';
import { effectiveLimit } from './limit.ts';
import { type BookEntry, createOrderBook, type OrderBook } from './order-book.ts';
import { assertPool, type Pool } from './pool.ts';

/** One swap that waits until its batch clears. */
export interface BatchOrder {
  /** Unique in the batch, and not of the sender's choosing. Decides only who gets a last unit of equal claims. */
  readonly id: Uint8Array;
  readonly side: Side;
  /** Quote of a buyer or base of a seller, fee included, held in escrow. */
  readonly amountIn: Amount;
  /** Highest price of a buyer, lowest of a seller, in Q64. */
  readonly limitPrice: bigint | null;
  /** Least to receive for the whole amount; a part brings its share of it, rounded down. */
  readonly minOut: Amount;
  /** Whether a part is wanted when the whole cannot be had within the limits. */
  readonly isPartialAllowed: boolean;
}

export interface BatchRules {
  /** Fee in parts of 65,535 of what is paid; below 65,535. */
  readonly feeRate: bigint;
  /** Both reserves must hold at least this much, otherwise nothing trades. */
  readonly minimumReserve: Amount;
}

/** `limitMissed`: the price is beyond the order's limits. `partialUnwanted`: only a part could have been had. */
export type FillStatus = 'filled' | 'partial' | 'limitMissed' | 'partialUnwanted';

export interface BatchFill {
  readonly status: FillStatus;
  /** Part of `amountIn` that was used, fee included. */
  readonly spent: Amount;
  /** Rest of `amountIn`, which goes back to the payer. */
  readonly returned: Amount;
  /** Part of `spent` that is the protocol's share. */
  readonly fee: Amount;
  readonly amountOut: Amount;
}

/** Amounts of the two assets of a pool. */
export interface Assets {
  readonly base: Amount;
  readonly quote: Amount;
}

export interface BatchOutcome {
  /** Reserves after the batch, without `fees` and `rounding`, whose marginal price is `price`. */
  readonly pool: Pool;
  /** Quote for one base, of every trade, in lowest terms; null when nothing traded. */
  readonly price: Ratio | null;
  /** One for each order, at its position. */
  readonly fills: readonly BatchFill[];
  /** The protocol's share. `addLiquidity` adds it to the pool without moving the price. */
  readonly fees: Assets;
  /** What rounding outputs down left over; to be added like `fees`, else it would move the price. */
  readonly rounding: Assets;
}

const NOTHING: Assets = { base: 0n, quote: 0n };

function unfilled(order: BatchOrder, status: FillStatus): BatchFill {
  return { status, spent: 0n, returned: order.amountIn, fee: 0n, amountOut: 0n };
}

function entriesOf(orders: readonly BatchOrder[], rules: BatchRules): BookEntry[] {
  const entries: BookEntry[] = [];
  orders.forEach(({ id, side, amountIn, limitPrice, minOut, isPartialAllowed }, index) => {
    const net = amountIn - feeWithinUp(amountIn, rules.feeRate);
    if (net <= 0n) return;
    const { limit, isOneUnit } = effectiveLimit(side, net, limitPrice, minOut);
    entries.push({ index, id, side, net, limit, isPartialAllowed: isPartialAllowed && !isOneUnit });
  });
  return entries;
}

/** Each order that trades, with the net amount of it that does. */
function* tradedParts(book: OrderBook, clearing: Clearing): Generator<readonly [BookEntry, Amount]> {
  const { level, isAtLimit, rationed } = clearing;
  for (const [at, { buy, sell }] of book.levels.entries()) {
    for (const side of ['buy', 'sell'] as const) {
      const entries = side === 'buy' ? buy : sell;
      const isMarginal = at === level && isAtLimit;
      if (isMarginal && rationed?.side === side) {
        const shares = shareOut(rationed.amount, entries);
        for (const [position, entry] of entries.entries()) yield [entry, shares[position]!];
      } else if (isMarginal || (side === 'buy' ? at >= level : at < level)) {
        for (const entry of entries) yield [entry, entry.net];
      }
    }
  }
}

function fillOf(order: BatchOrder, entry: BookEntry, part: Amount, price: Ratio, rate: bigint): BatchFill {
  if (part === 0n) return unfilled(order, 'limitMissed');
  const isWhole = part === entry.net;
  const fee = isWhole ? order.amountIn - part : feeOnTopUp(part, rate);
  const spent = part + fee;
  return {
    status: isWhole ? 'filled' : 'partial',
    spent,
    returned: order.amountIn - spent,
    fee,
    amountOut: convert(order.side, part, price),
  };
}

/** What `paid` is worth in the other asset, rounded down. */
function convert(side: Side, paid: Amount, { numerator, denominator }: Ratio): Amount {
  return side === 'buy' ? (paid * denominator) / numerator : (paid * numerator) / denominator;
}

/**
 * Clears all swaps of a batch in one pool at one price, which is the marginal price of the pool after them:
 *
 *     price = (baseWeight · quote + buys) / (quoteWeight · base + sells)
 *
 * Buyers and sellers trade with each other at that price and only the difference moves the reserves. The curve
 * would have given its side of that difference more than the marginal price after it; the pool keeps what is
 * between. So the order of the orders means nothing, a part of an order trades at the price of the whole, and
 * who joins a batch and trades back in the next starts from the very price he paid: it only gets worse. Nothing
 * of this needs a power: it is exact in whole numbers for every weight.
 *
 * What it does not prevent: a producer who holds an order back a block and buys before it. Sealed orders do, for he
 * does not know what to buy; the limit of a plain one bounds it.
 *
 * Outputs round down and fees up, so base^baseWeight · quote^quoteWeight never falls and splitting costs. A
 * limit, as `limitPrice` or as `minOut`, is kept exactly. The orders at the limit that is the price share
 * what can be filled in proportion to what they offer, and such a part may bring less than a unit, which is
 * nothing; those that want all or nothing are dropped there.
 * A batch takes less than a reserve's opposite weight out of it, so it never empties one.
 *
 * Cost: O(orders · log orders); 10,000 orders in about 50 ms, or 170 ms when all are to be dropped one by one.
 *
 * @throws LedgerError `INVARIANT_BROKEN` for a pool that cannot be.
 * @see docs/guide/economy.md
 */
export function clearBatch(pool: Pool, orders: readonly BatchOrder[], rules: BatchRules): BatchOutcome {
  assertPool(pool);
  const fills = orders.map((order) => unfilled(order, 'limitMissed'));
  const least = rules.minimumReserve > 1n ? rules.minimumReserve : 1n;
  const entries = pool.base < least || pool.quote < least ? [] : entriesOf(orders, rules);
  const book = createOrderBook(entries);
  const clearing = findClearing(pool, book);
  const { buys, sells } = clearing;
  for (const { index } of clearing.dropped) fills[index] = unfilled(orders[index]!, 'partialUnwanted');
  if (buys === 0n && sells === 0n) return { pool, price: null, fills, fees: NOTHING, rounding: NOTHING };

  const price = lowestTerms(clearing.price);
  const fees = { base: 0n, quote: 0n };
  const rounding = { base: convert('buy', buys, price), quote: convert('sell', sells, price) };
  const after = {
    ...pool,
    base: pool.base + sells - rounding.base,
    quote: pool.quote + buys - rounding.quote,
  };
  for (const [entry, part] of tradedParts(book, clearing)) {
    const fill = fillOf(orders[entry.index]!, entry, part, price, rules.feeRate);
    fills[entry.index] = fill;
    fees[entry.side === 'buy' ? 'quote' : 'base'] += fill.fee;
    rounding[entry.side === 'buy' ? 'base' : 'quote'] -= fill.amountOut;
  }
  return { pool: after, price, fills, fees, rounding };
}
