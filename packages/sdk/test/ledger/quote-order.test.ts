import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteOrder } from '../../src/ledger/quote-order.ts';

const rules = { feeRate: 33n, minimumReserve: 1_000n };
const EVEN = 500_000_000_000_000_000n;
const unbounded = { limitPrice: null, minOut: 0n, isPartialAllowed: false } as const;
const reserve = fc.bigInt({ min: 1_000_000n, max: 10n ** 16n });
const amount = fc.bigInt({ min: 1n, max: 10n ** 15n });

describe('quoteOrder', () => {
  it('gives (quote + 2 · net) / base for a purchase at even weights', () => {
    const pool = { base: 1_000_000_000_000n, quote: 1_000_000_000_000n, quoteWeight: EVEN };
    const order = { side: 'buy', amountIn: 100_000_000_000n, ...unbounded } as const;
    expect(quoteOrder(pool, order, { ...rules, feeRate: 0n })).toEqual({
      status: 'filled',
      spent: 100_000_000_000n,
      returned: 0n,
      fee: 0n,
      amountOut: 83_333_333_333n,
      priceBefore: 1_000_000_000n,
      price: 1_200_000_000n,
      impactPpm: 200_000n,
    });
  });

  it('moves the price up for a purchase and down for a sale, and accounts for every unit', () => {
    fc.assert(
      fc.property(reserve, reserve, amount, fc.constantFrom('buy', 'sell'), (base, quote, amountIn, side) => {
        const found = quoteOrder({ base, quote, quoteWeight: EVEN }, { side, amountIn, ...unbounded }, rules);
        expect(found.spent + found.returned).toBe(amountIn);
        expect(found.fee).toBeLessThanOrEqual(found.spent);
        if (side === 'buy') expect(found.impactPpm).toBeGreaterThanOrEqual(-1n);
        else expect(found.impactPpm).toBeLessThanOrEqual(0n);
      }),
    );
  });

  it('keeps a bound: what is below it is not filled', () => {
    const pool = { base: 1_000_000_000_000n, quote: 1_000_000_000_000n, quoteWeight: EVEN };
    const order = { side: 'sell', amountIn: 10_000_000_000n, ...unbounded } as const;
    const { amountOut } = quoteOrder(pool, order, rules);
    expect(quoteOrder(pool, { ...order, minOut: amountOut }, rules).status).toBe('filled');
    const over = quoteOrder(pool, { ...order, minOut: amountOut + 2n }, rules);
    expect(over).toMatchObject({
      status: 'partialUnwanted',
      spent: 0n,
      returned: order.amountIn,
      impactPpm: 0n,
    });
  });
});
