import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addLiquidity,
  type BatchOrder,
  clearBatch,
  PRICE_ONE,
  poolPrice,
  swap,
  WEIGHT_ONE,
} from '../../../src/index.ts';
import {
  aMarketOrder,
  anAmount,
  anId,
  anOrderPlan,
  anyPool,
  aPool,
  attack,
  changeBy,
  FREE,
  orderOf,
  productOf,
  worthAt,
} from './a-pool.ts';

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
            const whole = amountIn - (amountIn * feeRate + 65_534n) / 65_535n;
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

  it('gives a split order no more than the whole', () => {
    fc.assert(
      fc.property(
        anyPool,
        anOrderPlan,
        plans,
        fc.array(fc.bigInt({ min: 1n, max: 999n }), { minLength: 1, maxLength: 6 }),
        (pool, plan, drawn, cuts) => {
          const whole = orderOf(pool, { ...plan, bound: { ...plan.bound, kind: 'price' } });
          const others = drawn.map((other) => orderOf(pool, other));
          const parts: BatchOrder[] = [];
          let left = whole.amountIn;
          for (const cut of cuts) {
            const amountIn = (left * cut) / 1_000n;
            if (amountIn === 0n) continue;
            parts.push({ ...whole, id: anId(), amountIn });
            left -= amountIn;
          }
          parts.push({ ...whole, amountIn: left });
          const joined = attack(pool, [whole], others, FREE);
          const split = attack(pool, parts, others, FREE);
          const [paid, received] =
            whole.side === 'buy' ? (['quote', 'base'] as const) : (['base', 'quote'] as const);
          if (split.change[paid] === joined.change[paid]) {
            expect(split.change[received] <= joined.change[received], 'for the same').toBe(true);
            return;
          }
          const spent = -split.change[paid];
          const isSamePrice =
            joined.outcome.price !== null &&
            split.outcome.price !== null &&
            worthAt(joined.outcome.price, {
              base: split.outcome.price.denominator,
              quote: -split.outcome.price.numerator,
            }) === 0n;
          const isDust = split.outcome.fills.slice(0, parts.length).some(({ amountOut }) => amountOut === 0n);
          if (isSamePrice) {
            if (isDust) return;
            const more = spent + joined.change[paid];
            expect(more <= BigInt(parts.length) && more >= -BigInt(parts.length), 'a unit a part').toBe(true);
            return;
          }
          if (spent === 0n) return;
          const same = attack(pool, [{ ...whole, amountIn: spent }], others, FREE);
          if (same.change[paid] === -spent) {
            expect(split.change[received] <= same.change[received], 'than its traded parts').toBe(true);
          }
        },
      ),
      RUNS,
    );
  });

  it('lets a split order pay no less with a fee', () => {
    fc.assert(
      fc.property(
        anyPool,
        fc.constantFrom('buy', 'sell'),
        anAmount,
        anAmount,
        aRate,
        (pool, side, a, b, feeRate) => {
          const rules = { feeRate, minimumReserve: 1n };
          const joined = attack(pool, [aMarketOrder(side, a + b)], [], rules);
          const split = attack(pool, [aMarketOrder(side, a), aMarketOrder(side, b)], [], rules);
          const asset = side === 'buy' ? 'base' : 'quote';
          if (split.outcome.fills.every(({ status }) => status === 'filled')) {
            expect(joined.change[asset] >= split.change[asset]).toBe(true);
          }
        },
      ),
      RUNS,
    );
  });

  it('gives nothing to who joins it and trades back in the next', () => {
    fc.assert(
      fc.property(anyPool, plans, plans, plans, aRate, (pool, own, others, next, feeRate) => {
        const rules = { feeRate, minimumReserve: 1n };
        const first = attack(
          pool,
          own.map((plan) => orderOf(pool, plan)),
          others.map((plan) => orderOf(pool, plan)),
          rules,
        );
        if (first.outcome.price === null) return;
        const { fees, rounding } = first.outcome;
        const kept = { base: fees.base + rounding.base, quote: fees.quote + rounding.quote };
        const grown = addLiquidity(first.outcome.pool, kept);
        for (const between of [first.outcome.pool, ...(grown.ok ? [grown.pool] : [])]) {
          const second = attack(
            between,
            next.map((plan) => orderOf(between, plan)),
            [],
            rules,
          );
          const total = {
            base: first.change.base + second.change.base,
            quote: first.change.quote + second.change.quote,
          };
          expect(worthAt(first.outcome.price, total) <= 0n, 'worth at the price of the batch').toBe(true);
        }
      }),
      RUNS,
    );
  });

  it('gives a sandwich nothing, whether its second slice comes in the same block or the next', () => {
    const slice = fc.bigInt({ min: 1n, max: 5_000n });
    fc.assert(
      fc.property(
        anyPool,
        slice,
        slice,
        fc.constantFrom('buy', 'sell'),
        aRate,
        (pool, bread, filling, side, feeRate) => {
          const rules = { feeRate, minimumReserve: 1n };
          const back = side === 'buy' ? 'sell' : 'buy';
          const reserve = side === 'buy' ? pool.quote : pool.base;
          const amount = (reserve * bread) / 1_000n + 1n;
          const victim = aMarketOrder(side, (reserve * filling) / 1_000n + 1n);
          const received = side === 'buy' ? 'base' : 'quote';
          const paid = side === 'buy' ? 'quote' : 'base';

          const opened = attack(pool, [aMarketOrder(side, amount)], [victim], rules);
          const held = opened.change[received];
          if (held > 0n) {
            const closed = attack(opened.outcome.pool, [aMarketOrder(back, held)], [], rules);
            expect(opened.change[paid] + closed.change[paid] <= 0n, 'next block').toBe(true);
          }
          const together = [aMarketOrder(side, amount), aMarketOrder(back, held + 1n)];
          const same = attack(pool, together, [victim], rules);
          const { price } = same.outcome;
          if (price !== null) expect(worthAt(price, same.change) <= 0n, 'same block').toBe(true);
        },
      ),
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

  it('is needed: the same sandwich gains on the sequential curve', () => {
    const pool = aPool({ base: 1_000_000_000n, quote: 1_000_000_000n });
    const bounds = { limitPrice: null, minOut: 0n, isPartialAllowed: false };
    const trade = (at: typeof pool, side: 'buy' | 'sell', amountIn: bigint) => {
      const outcome = swap(at, { side, amountIn, ...bounds }, FREE);
      if (!outcome.ok) throw new Error(outcome.refusal.code);
      return outcome.swap;
    };
    const opened = trade(pool, 'buy', 100_000_000n);
    const victim = trade(opened.pool, 'buy', 100_000_000n);
    const closed = trade(victim.pool, 'sell', opened.amountOut);
    expect(closed.amountOut - 100_000_000n).toBe(18_032_785n);

    const batch = attack(
      pool,
      [aMarketOrder('buy', 100_000_000n)],
      [aMarketOrder('buy', 100_000_000n)],
      FREE,
    );
    const back = attack(batch.outcome.pool, [aMarketOrder('sell', batch.change.base)], [], FREE);
    expect(back.change.quote < 100_000_000n).toBe(true);
  });

  it('cannot keep who holds an order back a block from buying before it, but its limit bounds what that gains', () => {
    const pool = aPool({ base: 1_000_000_000n, quote: 1_000_000_000n });
    const gain = (limitPrice: bigint | null): bigint => {
      const opened = attack(pool, [aMarketOrder('buy', 50_000_000n)], [], FREE);
      const victim = { ...aMarketOrder('buy', 200_000_000n), limitPrice };
      const own = aMarketOrder('sell', opened.change.base);
      const closed = attack(opened.outcome.pool, [own], [victim], FREE);
      return opened.change.quote + closed.change.quote;
    };
    expect(gain(null)).toBe(13_043_477n);
    expect(gain((PRICE_ONE * 114n) / 100n)).toBe(1_818_181n);
    expect(gain(PRICE_ONE)).toBe(-4_347_827n);
  });
});
