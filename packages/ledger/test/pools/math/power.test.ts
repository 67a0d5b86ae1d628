import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LedgerError, scaledPower } from '../../../src/index.ts';
import { POWER_ONE, powerBounds } from '../../../src/pools/math/power.ts';
import { anAmount } from './a-pool.ts';

function wholePower(base: bigint, exponent: bigint): bigint {
  return exponent === 0n ? 1n : base * wholePower(base, exponent - 1n);
}

const anExponent = fc.oneof(
  fc.record({ numerator: fc.bigInt({ min: 1n, max: 9n }), denominator: fc.bigInt({ min: 1n, max: 9n }) }),
  fc.constantFrom(
    { numerator: 99n, denominator: 1n },
    { numerator: 1n, denominator: 99n },
    { numerator: 49n, denominator: 51n },
  ),
);

describe('a power of a ratio', () => {
  it('lies between its bounds, compared in whole numbers', () => {
    fc.assert(
      fc.property(anAmount, anAmount, anExponent, (numerator, denominator, exponent) => {
        const { low, high } = powerBounds({ numerator, denominator }, exponent);
        const { numerator: degree, denominator: root } = exponent;
        const exact = wholePower(numerator, degree) * wholePower(POWER_ONE, root);
        const divisor = wholePower(denominator, degree);
        expect(wholePower(low, root) * divisor <= exact, 'low').toBe(true);
        expect(wholePower(high, root) * divisor >= exact, 'high').toBe(true);
        expect(high - low <= (high >> 102n) + 4n, 'width').toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is the whole number below, also where the power is whole', () => {
    fc.assert(
      fc.property(anAmount, anAmount, anExponent, (numerator, denominator, exponent) => {
        const result = scaledPower({ numerator, denominator }, exponent, 1_000n);
        const { numerator: degree, denominator: root } = exponent;
        const exact = wholePower(numerator, degree) * wholePower(1_000n, root);
        const divisor = wholePower(denominator, degree);
        if (result >> 60n > 0n) return;
        expect(wholePower(result, root) * divisor <= exact, 'not above').toBe(true);
        expect(wholePower(result + 1n, root) * divisor > exact, 'not the next').toBe(true);
      }),
      { numRuns: 2_000 },
    );
    expect(scaledPower({ numerator: 9n, denominator: 4n }, { numerator: 3n, denominator: 2n }, 8_000n)).toBe(
      27_000n,
    );
  });

  it('never falls as its base grows', () => {
    fc.assert(
      fc.property(anAmount, anAmount, anAmount, anExponent, (numerator, more, denominator, exponent) => {
        const below = powerBounds({ numerator, denominator }, exponent);
        const above = powerBounds({ numerator: numerator + more, denominator }, exponent);
        expect(above.high >= below.low).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('vanishes rather than fails where it is too small to see, and grows as far as it must', () => {
    const most = (1n << 64n) - 1n;
    expect(powerBounds({ numerator: 1n, denominator: most }, { numerator: 99n, denominator: 1n })).toEqual({
      low: 0n,
      high: 2n,
    });
    const { low } = powerBounds({ numerator: most, denominator: 1n }, { numerator: 99n, denominator: 1n });
    expect(low.toString(2).length).toBe(64 * 99 + 128);
  });

  it.each([
    ['a base below zero', { numerator: -1n, denominator: 2n }, { numerator: 1n, denominator: 2n }],
    ['a base without denominator', { numerator: 1n, denominator: 0n }, { numerator: 1n, denominator: 2n }],
    ['an exponent above 128', { numerator: 1n, denominator: 2n }, { numerator: 129n, denominator: 1n }],
  ])('refuses %s', (_, base, exponent) => {
    expect(() => powerBounds(base, exponent)).toThrowError(LedgerError);
  });
});
