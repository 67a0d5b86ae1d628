import { type Amount, compareBytes } from '@cairn/core';
import type { Ratio } from '../../fraction/ratio.ts';
import type { Side } from './curve.ts';
import type { BookEntry, OrderBook } from './order-book.ts';
import { baseWeightOf, type Pool, WEIGHT_ONE } from './pool.ts';

/** What clears: one price for everybody, and who is filled how far. */
export interface Clearing {
  /** Quote for one base. */
  readonly price: Ratio;
  /** Net quote that all buyers pay. */
  readonly buys: Amount;
  /** Net base that all sellers pay. */
  readonly sells: Amount;
  /** Levels below this one sell whole, levels from it on buy whole, but for `rationed`. */
  readonly level: number;
  /** Whether the price is the limit of that level, whose orders of both sides then trade. */
  readonly isAtLimit: boolean;
  /** The side of that level that is not filled whole, and how much of it is. */
  readonly rationed: { readonly side: Side; readonly amount: Amount } | null;
  /** Orders taken out because only a part of them could have been filled. */
  readonly dropped: readonly BookEntry[];
}

/** baseWeight · quote and quoteWeight · base, whose ratio is the price before the batch. */
interface Depth {
  readonly quote: bigint;
  readonly base: bigint;
}

function ceilDiv(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}

/**
 * Buyers' whole pebbles at a price that is a limit. The exact amount rounds towards the net flow, which keeps
 * the marginal price of the reserves on the side of the price where the pool does not lose; where that would
 * turn the flow around, the flow is stopped instead.
 */
function roundBuys(depth: Depth, price: Ratio, sells: Amount): Amount {
  const { numerator, denominator } = price;
  const dividend = numerator * (depth.base + WEIGHT_ONE * sells) - depth.quote * denominator;
  const divisor = denominator * WEIGHT_ONE;
  if (numerator * depth.base >= denominator * depth.quote) return dividend / divisor;
  const rounded = ceilDiv(dividend, divisor);
  const matched = (sells * numerator) / denominator;
  return rounded < matched ? rounded : matched;
}

/** Sellers' whole units at a price that is a limit; see `roundBuys`. */
function roundSells(depth: Depth, price: Ratio, buys: Amount): Amount {
  const { numerator, denominator } = price;
  const dividend = denominator * (depth.quote + WEIGHT_ONE * buys) - numerator * depth.base;
  const divisor = numerator * WEIGHT_ONE;
  if (numerator * depth.base < denominator * depth.quote) return dividend / divisor;
  const rounded = ceilDiv(dividend, divisor);
  const matched = (buys * denominator) / numerator;
  return rounded < matched ? rounded : matched;
}

/**
 * The price at which the pool's own marginal price after the batch is the price of the batch:
 *
 *     price = (baseWeight · quote + buys) / (quoteWeight · base + sells)
 *
 * with the buyers whose limit is at least that and the sellers whose limit is at most that. The right side
 * falls as the price rises, so there is exactly one such price. When it is the limit of a level, that level's
 * larger side is filled in part. Orders there that want all or nothing leave the book, all of that side and
 * level at once, and the search starts again; they do not come back. None of this looks at the order of the
 * orders.
 *
 * Cost: O((levels + drops) · log levels).
 */
export function findClearing(pool: Pool, book: OrderBook): Clearing {
  const depth: Depth = { quote: baseWeightOf(pool) * pool.quote, base: pool.quoteWeight * pool.base };
  const dropped: BookEntry[] = [];
  for (;;) {
    const below = book.walk(
      ({ numerator, denominator }, buysUpTo, sellsUpTo) =>
        (depth.quote + WEIGHT_ONE * (book.totalBuys() - buysUpTo)) * denominator >
        numerator * (depth.base + WEIGHT_ONE * sellsUpTo),
    );
    const level = below.count;
    const buys = book.totalBuys() - below.buys;
    const sells = below.sells;
    const limit = book.levels[level]?.limit;
    const quote = depth.quote + WEIGHT_ONE * buys;
    const base = depth.base + WEIGHT_ONE * sells;
    if (limit === undefined || quote * limit.denominator < limit.numerator * base) {
      const price = { numerator: quote, denominator: base };
      return { price, buys, sells, level, isAtLimit: false, rationed: null, dropped };
    }
    const sellsHere = book.totalAt(level, 'sell');
    const excess = quote * limit.denominator - limit.numerator * (base + WEIGHT_ONE * sellsHere);
    const atLimit = { price: limit, level, isAtLimit: true, dropped };
    if (excess === 0n) return { ...atLimit, buys, sells: sells + sellsHere, rationed: null };
    const side = excess > 0n ? 'buy' : 'sell';
    const leaving = book.dropWholeOrders(level, side);
    if (leaving.length > 0) {
      dropped.push(...leaving);
      continue;
    }
    if (side === 'buy') {
      const filled = roundBuys(depth, limit, sells + sellsHere);
      const amount = filled - (buys - book.totalAt(level, 'buy'));
      return { ...atLimit, buys: filled, sells: sells + sellsHere, rationed: { side, amount } };
    }
    const filled = roundSells(depth, limit, buys);
    return { ...atLimit, buys, sells: filled, rationed: { side, amount: filled - sells } };
  }
}

/**
 * Shares `amount` among orders in proportion to what they offer: rounded down, and one more each to the
 * largest remainders until all is shared. Equal remainders go by the bytes of the id.
 *
 * @returns a share for each entry, never above its net amount.
 */
export function shareOut(amount: Amount, entries: readonly BookEntry[]): Amount[] {
  const total = entries.reduce((sum, { net }) => sum + net, 0n);
  const shares = entries.map(({ net }) => (net * amount) / total);
  let left = shares.reduce((rest, share) => rest - share, amount);
  const ranked = entries
    .map(({ net, id }, at) => ({ at, id, remainder: (net * amount) % total }))
    .sort((a, b) =>
      a.remainder === b.remainder ? compareBytes(a.id, b.id) : a.remainder > b.remainder ? -1 : 1,
    );
  for (const { at } of ranked) {
    if (left === 0n) break;
    shares[at]! += 1n;
    left -= 1n;
  }
  return shares;
}
