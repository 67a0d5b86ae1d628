import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addLiquidity, type BatchOrder, PRICE_ONE, swap } from '../../../src/index.ts';
import {
  aMarketOrder,
  anAmount,
  anId,
  anOrderPlan,
  anyPool,
  aPool,
  attack,
  FREE,
  orderOf,
  worthAt,
} from './a-pool.ts';

const RUNS = { numRuns: 2_000 };
const aRate = fc.constantFrom(0n, 0n, 33n, 1_000n, 65_534n);
const plans = fc.array(anOrderPlan, { maxLength: 12 });

describe('a batch under attack', () => {
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
