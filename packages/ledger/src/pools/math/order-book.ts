import type { Amount } from '@cairn/core';
import { compareRatios, type Ratio } from '../../fraction/ratio.ts';
import type { Side } from './curve.ts';

/** An order as the search for a price sees it. */
export interface BookEntry {
  /** Position in the caller's list. */
  readonly index: number;
  readonly id: Uint8Array;
  readonly side: Side;
  /** What the curve would take: the amount without its fee. Above zero. */
  readonly net: Amount;
  readonly limit: Ratio;
  readonly isPartialAllowed: boolean;
}

/** All orders with one limit. */
export interface Level {
  readonly limit: Ratio;
  readonly buy: BookEntry[];
  readonly sell: BookEntry[];
}

/** Levels in ascending order of their limit, with running totals that a removal updates. */
export interface OrderBook {
  readonly levels: readonly Level[];
  /** Net amounts of all buyers that are left. */
  totalBuys(): Amount;
  /**
   * Walks up the levels while `isBelow` holds of one, which must be true of the lower levels and false of the
   * upper ones.
   *
   * @returns how many levels it holds of, and the totals of these. O(log levels).
   */
  walk(isBelow: (limit: Ratio, buysUpTo: Amount, sellsUpTo: Amount) => boolean): {
    readonly count: number;
    readonly buys: Amount;
    readonly sells: Amount;
  };
  /** Net amounts of one side of a level. */
  totalAt(level: number, side: Side): Amount;
  /** Takes the orders that must be filled whole or not at all out of one side of a level, if there are any. */
  dropWholeOrders(level: number, side: Side): readonly BookEntry[];
}

const KEY_BITS = 64n;

function sum(entries: readonly BookEntry[]): Amount {
  let total = 0n;
  for (const { net } of entries) total += net;
  return total;
}

/** Groups by limit. Sorting compares 64 fraction bits of a limit first, exact ratios only when these agree. */
function levelsOf(entries: readonly BookEntry[]): Level[] {
  const keyed = entries.map((entry) => ({
    entry,
    key: (entry.limit.numerator << KEY_BITS) / entry.limit.denominator,
  }));
  keyed.sort((a, b) =>
    a.key === b.key ? compareRatios(a.entry.limit, b.entry.limit) : a.key < b.key ? -1 : 1,
  );
  const levels: Level[] = [];
  for (const { entry } of keyed) {
    let level = levels.at(-1);
    if (level === undefined || compareRatios(level.limit, entry.limit) !== 0) {
      level = { limit: entry.limit, buy: [], sell: [] };
      levels.push(level);
    }
    level[entry.side].push(entry);
  }
  return levels;
}

/** Sums over prefixes of a list whose entries change: both take O(log size). */
function createPrefixSums(values: readonly Amount[]) {
  const tree = [0n, ...values];
  for (let at = 1; at < tree.length; at += 1) {
    const parent = at + (at & -at);
    if (parent < tree.length) tree[parent]! += tree[at]!;
  }
  return {
    /** Sum of the (at & −at) entries that end at entry `at`, counted from one. */
    node: (at: number): Amount => tree[at]!,
    subtract(index: number, amount: Amount): void {
      for (let at = index + 1; at < tree.length; at += at & -at) tree[at]! -= amount;
    },
  };
}

export function createOrderBook(entries: readonly BookEntry[]): OrderBook {
  const levels = levelsOf(entries);
  const totals = {
    buy: levels.map(({ buy }) => sum(buy)),
    sell: levels.map(({ sell }) => sum(sell)),
  };
  const prefix = { buy: createPrefixSums(totals.buy), sell: createPrefixSums(totals.sell) };
  let buysLeft = totals.buy.reduce((total, amount) => total + amount, 0n);
  let widest = 1;
  while (widest * 2 <= levels.length) widest *= 2;
  return {
    levels,
    totalBuys: () => buysLeft,
    totalAt: (level, side) => totals[side][level]!,
    walk(isBelow) {
      let count = 0;
      let buys = 0n;
      let sells = 0n;
      for (let step = widest; step >= 1; step /= 2) {
        const next = count + step;
        if (next > levels.length) continue;
        const nextBuys = buys + prefix.buy.node(next);
        const nextSells = sells + prefix.sell.node(next);
        if (!isBelow(levels[next - 1]!.limit, nextBuys, nextSells)) continue;
        [count, buys, sells] = [next, nextBuys, nextSells];
      }
      return { count, buys, sells };
    },
    dropWholeOrders(level, side) {
      const all = levels[level]![side];
      const dropped = all.filter(({ isPartialAllowed }) => !isPartialAllowed);
      if (dropped.length === 0) return dropped;
      const amount = sum(dropped);
      all.splice(0, all.length, ...all.filter(({ isPartialAllowed }) => isPartialAllowed));
      totals[side][level]! -= amount;
      prefix[side].subtract(level, amount);
      if (side === 'buy') buysLeft -= amount;
      return dropped;
    },
  };
}
