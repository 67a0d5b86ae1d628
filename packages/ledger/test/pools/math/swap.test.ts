import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addLiquidity,
  baseNeededForQuote,
  createPool,
  EVEN_WEIGHT,
  inputToPrice,
  LedgerError,
  mostInput,
  outputOf,
  PRICE_ONE,
  poolPrice,
  type SwapOrder,
  swap,
  WEIGHT_ONE,
} from '../../../src/index.ts';
import { moveReserves } from '../../../src/pools/math/curve.ts';
import { anAmount, anyPool, aPool, FREE, productOf } from './a-pool.ts';

const RUNS = { numRuns: 2_000 };
const aSide = fc.constantFrom('buy' as const, 'sell' as const);

function anOrder(overrides: Partial<SwapOrder> = {}): SwapOrder {
  return {
    side: 'buy',
    amountIn: 1_000_000n,
    limitPrice: null,
    minOut: 0n,
    isPartialAllowed: false,
    ...overrides,
  };
}

describe('the curve', () => {
  it('never lets the product of the pool fall', () => {
    fc.assert(
      fc.property(anyPool, aSide, anAmount, (pool, side, amountIn) => {
        const after = moveReserves(pool, side, amountIn, outputOf(pool, side, amountIn));
        expect(productOf(after) >= productOf(pool)).toBe(true);
      }),
      RUNS,
    );
  });

  it('pays at even weights what it pays beside them, to a unit and the weight', () => {
    fc.assert(
      fc.property(anyPool, aSide, anAmount, (drawn, side, amountIn) => {
        const pool = { ...drawn, quoteWeight: EVEN_WEIGHT };
        const exact = outputOf(pool, side, amountIn);
        const near = [-1n, 1n].map((step) =>
          outputOf({ ...pool, quoteWeight: EVEN_WEIGHT + step }, side, amountIn),
        );
        for (const output of near) {
          const difference = output > exact ? output - exact : exact - output;
          expect(difference <= 1n).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it('does not pass the price that an input was asked for, and comes near it', () => {
    const aFactor = fc.bigInt({ min: 1n, max: 10_000n });
    fc.assert(
      fc.property(anyPool, aSide, aFactor, (pool, side, thousandths) => {
        const price = poolPrice(pool);
        const target =
          side === 'buy'
            ? (price * (1_000n + thousandths)) / 1_000n
            : (price * 1_000n) / (1_000n + thousandths);
        if (target === 0n) return;
        const amount = inputToPrice(pool, side, price, target);
        const at = (paid: bigint): bigint =>
          poolPrice(moveReserves(pool, side, paid, outputOf(pool, side, paid)));
        const { base, quote } = pool;
        if (side === 'buy') expect(at(amount) <= target + (target >> 50n) + 1n, 'buy').toBe(true);
        else expect(at(amount) >= target - (target >> 50n) - 1n, 'sell').toBe(true);
        if (base < 1n << 30n || quote < 1n << 30n || amount > 17n * (side === 'buy' ? quote : base)) return;
        const near = at(amount + amount / 1_000n + 1_000n);
        expect(side === 'buy' ? near >= target : near <= target, 'near').toBe(true);
      }),
      RUNS,
    );
  });

  it('sells enough base for a wanted amount of quote, and little more', () => {
    fc.assert(
      fc.property(anyPool, fc.bigInt({ min: 1n, max: 999n }), (pool, thousandths) => {
        const wanted = (pool.quote * thousandths) / 1_000n;
        if (wanted === 0n) return;
        const needed = baseNeededForQuote(pool, wanted)!;
        expect(outputOf(pool, 'sell', needed) >= wanted - 1n, 'enough').toBe(true);
        if (needed > 1n) expect(outputOf(pool, 'sell', needed - 2n) <= wanted, 'little more').toBe(true);
      }),
      RUNS,
    );
    expect(baseNeededForQuote(aPool({ quote: 100n }), 100n)).toBeNull();
  });
});

describe('a swap', () => {
  it('accounts for all that is paid, keeps its bounds, and never makes the product fall', () => {
    const anyOrder = fc.record({
      side: aSide,
      amountIn: anAmount,
      limitPrice: fc.option(fc.bigInt({ min: 1n, max: 4_000n })),
      minOut: fc.oneof(fc.constant(0n), anAmount),
      isPartialAllowed: fc.boolean(),
    });
    fc.assert(
      fc.property(anyPool, anyOrder, fc.constantFrom(0n, 33n, 10_000n), (pool, drawn, feeRate) => {
        const limitPrice = drawn.limitPrice === null ? null : (poolPrice(pool) * drawn.limitPrice) / 1_000n;
        const order = { ...drawn, limitPrice };
        const outcome = swap(pool, order, { feeRate, minimumReserve: 1n });
        if (!outcome.ok) return;
        const { spent, returned, fee, reserveIn, amountOut, pool: after } = outcome.swap;
        expect(spent + returned).toBe(order.amountIn);
        expect(spent).toBe(fee + reserveIn);
        expect(after).toEqual(moveReserves(pool, order.side, reserveIn, amountOut));
        expect(productOf(after) >= productOf(pool), 'product').toBe(true);
        expect(returned === 0n || order.isPartialAllowed, 'partial').toBe(true);
        if (returned === 0n) expect(amountOut >= order.minOut, 'least output').toBe(true);
        if (limitPrice === null) return;
        const slack = (limitPrice >> 50n) + 1n;
        const price = poolPrice(after);
        const isKept = order.side === 'buy' ? price <= limitPrice + slack : price >= limitPrice - slack;
        expect(isKept, 'limit').toBe(true);
      }),
      RUNS,
    );
  });

  it('stops at its limit price and returns the rest', () => {
    const pool = aPool({ base: 1_000_000n, quote: 1_000_000n });
    const order = anOrder({ amountIn: 5_000_000n, limitPrice: 4n * PRICE_ONE, isPartialAllowed: true });
    const outcome = swap(pool, order, { feeRate: 33n, minimumReserve: 1n });
    expect(outcome).toMatchObject({
      ok: true,
      swap: {
        spent: 1_000_503n,
        returned: 3_999_497n,
        fee: 503n,
        reserveIn: 1_000_000n,
        amountOut: 500_000n,
      },
    });
    expect(mostInput(pool, 'buy', 4n * PRICE_ONE, { feeRate: 33n, minimumReserve: 1n })).toEqual({
      ok: true,
      amount: 1_000_503n,
    });
  });

  const even = aPool({ base: 1_000_000n, quote: 1_000_000n });
  it.each([
    ['a reserve that is too low', anOrder(), 2_000_000n, 'POOL_RESERVE_TOO_LOW'],
    ['a price at its limit', anOrder({ limitPrice: PRICE_ONE }), 1n, 'POOL_PRICE_LIMIT_EXCEEDED'],
    ['an input beyond 1,000 reserves', anOrder({ amountIn: 1_000_000_001n }), 1n, 'POOL_INPUT_TOO_LARGE'],
    ['a part that is unwanted', anOrder({ limitPrice: PRICE_ONE * 2n }), 1n, 'POOL_PARTIAL_UNWANTED'],
    ['too little output', anOrder({ minOut: 500_001n }), 1n, 'POOL_OUTPUT_TOO_LOW'],
    ['no output', anOrder({ amountIn: 1n }), 1n, 'POOL_OUTPUT_TOO_LOW'],
  ])('is refused for %s', (_, order, minimumReserve, code) => {
    const outcome = swap(even, order, { feeRate: 0n, minimumReserve });
    expect(outcome).toMatchObject({ ok: false, refusal: { code } });
  });

  it('throws for a pool that cannot be', () => {
    expect(() => swap(aPool({ quoteWeight: 0n }), anOrder(), FREE)).toThrowError(LedgerError);
    expect(() => swap(aPool({ base: -1n }), anOrder(), FREE)).toThrowError(LedgerError);
  });
});

describe('a pool', () => {
  it('keeps its price when liquidity of any proportion is added', () => {
    fc.assert(
      fc.property(anyPool, anAmount, anAmount, (pool, base, quote) => {
        const grown = addLiquidity(pool, { base, quote });
        if (!grown.ok) return;
        const before = poolPrice(pool);
        const after = poolPrice(grown.pool);
        expect(after >= before && after - before <= (before >> 50n) + 1n).toBe(true);
      }),
      RUNS,
    );
  });

  it('starts at the price it was made for', () => {
    const made = createPool(4_000_000_000n, 1_000_000_000n, PRICE_ONE / 5n);
    expect(made).toMatchObject({ ok: true, pool: { quoteWeight: 555_555_555_555_555_555n } });
    expect(createPool(1n, 1n)).toMatchObject({ ok: true, pool: { quoteWeight: EVEN_WEIGHT } });
  });

  it('is refused where a weight would leave 1 % … 99 %', () => {
    const refused = { ok: false, refusal: { code: 'POOL_WEIGHT_OUT_OF_RANGE' } };
    expect(createPool(1_000n, 1n, PRICE_ONE)).toMatchObject(refused);
    expect(addLiquidity(aPool({ base: 1n, quote: 1n }), { base: 0n, quote: 1_000n })).toMatchObject(refused);
    expect(WEIGHT_ONE).toBe(2n * EVEN_WEIGHT);
  });
});
