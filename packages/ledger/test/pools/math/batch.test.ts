import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BatchOrder,
  clearBatch,
  FEE_SCALE,
  PRICE_ONE,
  poolPrice,
  WEIGHT_ONE,
} from '../../../src/index.ts';
import { aMarketOrder, anOrderPlan, anyPool, aPool, changeBy, FREE, orderOf, productOf } from './a-pool.ts';

const RUNS = { numRuns: 2_000 };
const aRate = fc.constantFrom(0n, 0n, 33n, 1_000n, 65_534n);
const plans = fc.array(anOrderPlan, { maxLength: 12 });

describe('a batch', () => {
  it('moves nothing that it does not account for, and the product of the pool never falls', () => {
    fc.assert(
      fc.property(anyPool, plans, aRate, (pool, drawn, feeRate) => {
        const orders = drawn.map((plan) => orderOf(pool, plan));
        const outcome = clearBatch(pool, orders, { feeRate, minimumReserve: 1n });
        const change = changeBy(orders, outcome);
        const { fees, rounding } = outcome;
        for (const asset of ['base', 'quote'] as const) {
          const kept = fees[asset] + rounding[asset];
          expect(outcome.pool[asset] - pool[asset] + kept + change[asset], asset).toBe(0n);
          expect(fees[asset] >= 0n && rounding[asset] >= 0n && outcome.pool[asset] > 0n, asset).toBe(true);
        }
        expect(productOf(outcome.pool) >= productOf(pool), 'product').toBe(true);
        for (const [index, { spent, returned, fee, amountOut }] of outcome.fills.entries()) {
          expect(spent + returned).toBe(orders[index]!.amountIn);
          expect(spent >= 0n && returned >= 0n && fee >= 0n && fee <= spent && amountOut >= 0n).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it('keeps every limit', () => {
    fc.assert(
      fc.property(anyPool, plans, aRate, (pool, drawn, feeRate) => {
        const orders = drawn.map((plan) => orderOf(pool, plan));
        const { price, fills } = clearBatch(pool, orders, { feeRate, minimumReserve: 1n });
        orders.forEach(({ side, limitPrice, minOut, isPartialAllowed, amountIn }, index) => {
          const { status, spent, fee, amountOut } = fills[index]!;
          if (status === 'limitMissed' || status === 'partialUnwanted') {
            expect(spent + amountOut).toBe(0n);
            return;
          }
          const { numerator, denominator } = price!;
          if (limitPrice !== null) {
            const [paid, limit] = [numerator * PRICE_ONE, limitPrice * denominator];
            expect(side === 'buy' ? paid <= limit : paid >= limit, 'limit price').toBe(true);
          }
          if (status === 'filled') {
            expect(spent).toBe(amountIn);
            expect(amountOut >= minOut && amountOut >= 1n, 'least output').toBe(true);
          } else {
            expect(isPartialAllowed).toBe(true);
            const whole = amountIn - (amountIn * feeRate + FEE_SCALE - 1n) / FEE_SCALE;
            expect(amountOut >= (minOut * (spent - fee)) / whole, 'least output of a part').toBe(true);
          }
        });
      }),
      RUNS,
    );
  });

  it('fills whoever accepts the price, unless only a part could have been had', () => {
    fc.assert(
      fc.property(anyPool, plans, (pool, drawn) => {
        const orders = drawn.map((plan) =>
          orderOf(pool, { ...plan, bound: { ...plan.bound, kind: 'price' } }),
        );
        const { price, fills } = clearBatch(pool, orders, FREE);
        if (price === null) return;
        orders.forEach(({ side, limitPrice, amountIn }, index) => {
          const [paid, limit] = [price.numerator * PRICE_ONE, limitPrice! * price.denominator];
          const isWithin = side === 'buy' ? paid < limit : paid > limit;
          const brings =
            side === 'buy'
              ? (amountIn * price.denominator) / price.numerator
              : (amountIn * price.numerator) / price.denominator;
          if (isWithin && brings > 0n) expect(['filled', 'partialUnwanted']).toContain(fills[index]!.status);
        });
      }),
      RUNS,
    );
  });

  it('clears at the marginal price of the pool after it, to within a unit traded', () => {
    fc.assert(
      fc.property(anyPool, plans, (pool, drawn) => {
        const outcome = clearBatch(
          pool,
          drawn.map((plan) => orderOf(pool, plan)),
          FREE,
        );
        if (outcome.price === null) return;
        const { base, quote } = outcome.pool;
        const cleared = (outcome.price.numerator * PRICE_ONE) / outcome.price.denominator;
        const { quoteWeight } = pool;
        const slack = {
          base: 2n + WEIGHT_ONE / quoteWeight,
          quote: 2n + WEIGHT_ONE / (WEIGHT_ONE - quoteWeight),
        };
        const less = (reserve: bigint, units: bigint): bigint => (reserve > units ? reserve - units : 0n);
        const lowest = poolPrice({ quoteWeight, base: base + slack.base, quote: less(quote, slack.quote) });
        expect(cleared >= lowest).toBe(true);
        if (base <= slack.base) return;
        const highest = poolPrice({ quoteWeight, base: base - slack.base, quote: quote + slack.quote });
        expect(cleared <= highest).toBe(true);
      }),
      RUNS,
    );
  });

  it('gives everybody the same whatever the order of the orders', () => {
    const shuffled = plans.chain((drawn) =>
      fc.tuple(
        fc.constant(drawn),
        fc.shuffledSubarray(
          drawn.map((_, index) => index),
          { minLength: drawn.length },
        ),
      ),
    );
    fc.assert(
      fc.property(anyPool, shuffled, aRate, (pool, [drawn, order], feeRate) => {
        const orders = drawn.map((plan) => orderOf(pool, plan));
        const rules = { feeRate, minimumReserve: 1n };
        const straight = clearBatch(pool, orders, rules);
        const mixed = clearBatch(
          pool,
          order.map((index) => orders[index]!),
          rules,
        );
        order.forEach((index, position) => {
          expect(mixed.fills[position]).toEqual(straight.fills[index]);
        });
        expect({ ...mixed, fills: [] }).toEqual({ ...straight, fills: [] });
      }),
      RUNS,
    );
  });

  it('shares what can be filled at the limit in proportion, and the last unit by id', () => {
    const pool = aPool({ base: 1_000n, quote: 1_000n });
    const limit = { limitPrice: PRICE_ONE + PRICE_ONE / 10n, minOut: 0n, isPartialAllowed: true };
    const anOrder = (id: number, amountIn: bigint): BatchOrder => ({
      ...limit,
      id: Uint8Array.from([id]),
      side: 'buy',
      amountIn,
    });
    const outcome = clearBatch(pool, [anOrder(3, 100n), anOrder(1, 100n), anOrder(2, 100n)], FREE);
    expect(outcome.fills.map(({ spent }) => spent)).toEqual([16n, 17n, 16n]);
    expect(outcome.fills.map(({ status }) => status)).toEqual(['partial', 'partial', 'partial']);
    expect(outcome.pool.quote).toBe(1_049n);
  });

  it('drops an order that wants all or nothing where only a part can be had, and fills the others', () => {
    const pool = aPool({ base: 1_000_000n, quote: 1_000_000n });
    const whole: BatchOrder = {
      ...aMarketOrder('buy', 900_000n),
      limitPrice: (PRICE_ONE * 11n) / 10n,
      isPartialAllowed: false,
    };
    const modest = { ...aMarketOrder('buy', 1_000n), limitPrice: (PRICE_ONE * 101n) / 100n };
    const { fills } = clearBatch(pool, [whole, modest], FREE);
    expect(fills.map(({ status }) => status)).toEqual(['partialUnwanted', 'filled']);
    expect(fills[0]).toMatchObject({ spent: 0n, returned: 900_000n });
  });

  it('lets opposite orders meet at the price without moving the pool', () => {
    const pool = aPool({ base: 1_000_000n, quote: 2_000_000n });
    const outcome = clearBatch(pool, [aMarketOrder('buy', 2_000n), aMarketOrder('sell', 1_000n)], FREE);
    expect(outcome.pool).toEqual(pool);
    expect(outcome.fills.map(({ amountOut }) => amountOut)).toEqual([1_000n, 2_000n]);
  });

  it('trades nothing in a pool whose reserve is below the least', () => {
    const pool = aPool({ base: 99n, quote: 10_000n });
    const rules = { feeRate: 0n, minimumReserve: 100n };
    expect(clearBatch(pool, [aMarketOrder('buy', 50n)], rules)).toMatchObject({ pool, price: null });
  });

  it('takes a fee that stays out of the reserves', () => {
    const pool = aPool({ base: 1_000_000_000n, quote: 1_000_000_000n });
    const outcome = clearBatch(pool, [aMarketOrder('buy', 65_535n)], { feeRate: 33n, minimumReserve: 1n });
    expect(outcome.fees).toEqual({ base: 0n, quote: 33n });
    expect(outcome.pool.quote).toBe(1_000_065_502n);
    expect(outcome.fills[0]).toMatchObject({ spent: 65_535n, fee: 33n, returned: 0n });
  });
});
