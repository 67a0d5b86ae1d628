import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buyShares, type SharePool, sellShares, valueOfShares } from '../../src/index.ts';

const amount = fc.bigInt({ min: 1n, max: 21_000_000_000_000_000n });
const step = fc.oneof(
  fc.record({ kind: fc.constant('buy' as const), who: fc.nat(3), amount }),
  fc.record({ kind: fc.constant('sell' as const), who: fc.nat(3), amount }),
  fc.record({ kind: fc.constant('dividend' as const), who: fc.nat(3), amount }),
);

describe('a share pool', () => {
  it('never pays out more than came in, never makes a share cheaper, and costs a trader at most a pebble', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let pool: SharePool = { totalStake: 0n, totalShares: 0n };
        const held = [0n, 0n, 0n, 0n];
        for (const { kind, who, amount } of steps) {
          const before = pool;
          if (kind === 'dividend') {
            if (pool.totalShares > 0n) pool = { ...pool, totalStake: pool.totalStake + amount };
          } else if (kind === 'buy') {
            const bought = buyShares(pool, amount);
            expect(bought.amount <= amount).toBe(true);
            held[who]! += bought.shares;
            pool = {
              totalStake: pool.totalStake + bought.amount,
              totalShares: pool.totalShares + bought.shares,
            };
            expect(valueOfShares(pool, bought.shares) >= bought.amount - 1n).toBe(true);
          } else {
            const value = valueOfShares(pool, held[who]!);
            const sold = sellShares(pool, amount < value ? amount : value);
            expect(sold.shares <= held[who]!).toBe(true);
            expect(sold.amount <= value).toBe(true);
            held[who]! -= sold.shares;
            pool = {
              totalStake: pool.totalStake - sold.amount,
              totalShares: pool.totalShares - sold.shares,
            };
          }
          expect(held.reduce((sum, shares) => sum + shares, 0n)).toBe(pool.totalShares);
          if (before.totalShares > 0n && pool.totalShares > 0n) {
            const grew = pool.totalStake * before.totalShares >= before.totalStake * pool.totalShares;
            expect(grew, 'the price of a share').toBe(true);
          }
        }
        const values = held.map((shares) => valueOfShares(pool, shares));
        expect(values.reduce((sum, value) => sum + value, 0n) <= pool.totalStake).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('gives the last who leaves all that is there', () => {
    const pool = { totalStake: 1_007n, totalShares: 3n };
    expect(sellShares(pool, 1_007n)).toEqual({ shares: 3n, amount: 1_007n });
  });

  it('tells single pebbles apart after any growth when its shares are fine enough', () => {
    const fine = 1n << 128n;
    let pool: SharePool = { totalStake: 0n, totalShares: 0n };
    const held = [0n, 0n];
    const buy = (who: number, amount: bigint) => {
      const { shares, amount: paid } = buyShares(pool, amount, fine);
      held[who]! += shares;
      pool = { totalStake: pool.totalStake + paid, totalShares: pool.totalShares + shares };
      return paid;
    };
    expect(buy(0, 1n)).toBe(1n);
    expect(buy(1, 1n)).toBe(1n);
    pool = { ...pool, totalStake: pool.totalStake + 21_000_000_000_000_000n };
    expect(buy(1, 3n)).toBe(3n);
    const gained = valueOfShares(pool, held[1]!) - valueOfShares(pool, held[0]!);
    expect(gained >= 2n && gained <= 4n).toBe(true);
  });
});
