import { type Amount, mulDiv, PEBBLES_PER_CAIRN } from '@cairn/core';
import {
  type BatchRules,
  clearBatch,
  type FillStatus,
  limitOf,
  type Pool,
  PRICE_ONE,
  poolPrice,
  type Ratio,
} from '@cairn/ledger';

/** Reserves and weight of a pool, as `pools_get` gives them. */
export type PoolState = Pool;

/** An order as a person thinks of it. */
export interface QuotedOrder {
  readonly side: 'buy' | 'sell';
  /** Pebbles of a buyer, 1e-9 token of a seller; fee included. */
  readonly amountIn: Amount;
  /** Most, for a seller least, pebbles for one token. */
  readonly limitPrice: Amount | null;
  /** Least to receive for the whole. */
  readonly minOut: Amount;
  readonly isPartialAllowed: boolean;
}

/** What an order would bring as the only one of its block. */
export interface TradeQuote {
  readonly status: FillStatus;
  readonly spent: Amount;
  readonly returned: Amount;
  /** Part of `spent`. */
  readonly fee: Amount;
  readonly amountOut: Amount;
  /** Pebbles for one token, rounded down: before, and the one price of the order; equal when nothing trades. */
  readonly priceBefore: Amount;
  readonly price: Amount;
  /** How far the order moves the price, in millionths of the price before; negative for a sale. */
  readonly impactPpm: bigint;
}

const ALONE = new Uint8Array(32);

/**
 * What an order would get now, by the ledger's own rule for a block without other orders. Others in the same block
 * move the one price of all, and emission may move it a little before it: the order's bounds are for that.
 */
export function quoteOrder(pool: PoolState, order: QuotedOrder, rules: BatchRules): TradeQuote {
  const { fills, price } = clearBatch(pool, [{ ...order, id: ALONE, limitPrice: limitOf(order) }], rules);
  const [fill] = fills;
  const before = poolPrice(pool);
  const priceBefore = mulDiv(before, PEBBLES_PER_CAIRN, PRICE_ONE);
  return {
    ...fill!,
    priceBefore,
    price: price === null ? priceBefore : mulDiv(price.numerator, PEBBLES_PER_CAIRN, price.denominator),
    impactPpm: price === null || before === 0n ? 0n : changeOf(price, before),
  };
}

/** How far an exact price is from another in Q64, in millionths. */
function changeOf({ numerator, denominator }: Ratio, before: bigint): bigint {
  return (numerator * PRICE_ONE * 1_000_000n) / (denominator * before) - 1_000_000n;
}
