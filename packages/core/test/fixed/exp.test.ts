import { CoreError, expFixed, FIXED_HALF, FIXED_ONE, sigmoid } from '@cairn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/** The truncated series in bigint, every product and quotient rounded down. */
function seriesOracle(x: bigint): bigint {
  let term = x;
  let sum = (1n << 32n) + x;
  for (let i = 2n; i < 32n; i += 1n) {
    term = ((term * x) >> 32n) / i;
    sum += term;
  }
  return sum;
}

const inputs = fc.integer({ min: 1, max: 20 * FIXED_ONE }).filter((x) => x !== FIXED_ONE);

describe('expFixed', () => {
  it('equals the bigint series for positive inputs up to the size of the result', () => {
    fc.assert(
      fc.property(inputs, (x) => {
        const expected = seriesOracle(BigInt(x));
        if (expected >= 1n << 53n) {
          expect(() => expFixed(x)).toThrow(CoreError);
        } else {
          expect(BigInt(expFixed(x))).toBe(expected);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('is one over the series for negative inputs', () => {
    fc.assert(
      fc.property(inputs, (x) => {
        expect(BigInt(expFixed(-x))).toBe((1n << 64n) / seriesOracle(BigInt(x)));
      }),
      { numRuns: 3_000 },
    );
  });

  it('clamps at minus twenty', () => {
    expect(expFixed(-21 * FIXED_ONE)).toBe(expFixed(-20 * FIXED_ONE));
    expect(expFixed(-20 * FIXED_ONE)).toBe(8);
  });

  it('gives one at zero and e with 23 bits at one', () => {
    expect(expFixed(0)).toBe(FIXED_ONE);
    expect(expFixed(FIXED_ONE) / FIXED_ONE).toBeCloseTo(Math.E, 6);
    expect(expFixed(FIXED_ONE) % 512).toBe(0);
  });

  it.each([-10, -5.5, -1.5, -0.25, 0.25, 2, 7.75, 8.125])('is close to the real function at %d', (x) => {
    const actual = expFixed(x * FIXED_ONE) / FIXED_ONE;
    expect(Math.abs(actual - Math.exp(x))).toBeLessThan(1e-7 * Math.max(1, Math.exp(x)));
  });
});

describe('sigmoid', () => {
  it('is one half in the middle and rises', () => {
    expect(sigmoid(FIXED_HALF, 10 * FIXED_ONE)).toBe(FIXED_HALF);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000 }), (step) => {
        const x = Math.floor((step * FIXED_ONE) / 1_001);
        const next = Math.floor(((step + 1) * FIXED_ONE) / 1_001);
        expect(sigmoid(next, 10 * FIXED_ONE)).toBeGreaterThanOrEqual(sigmoid(x, 10 * FIXED_ONE));
      }),
    );
  });

  it('stays a proportion when the slope drives the exponent past the clamp', () => {
    expect(sigmoid(0, 60 * FIXED_ONE)).toBe(8);
    expect(sigmoid(FIXED_ONE, 60 * FIXED_ONE)).toBe(FIXED_ONE - 8);
  });

  it('stays there for slopes whose product leaves the bound of fixed point', () => {
    for (const slope of [64, 100, 2_000_000]) {
      expect(sigmoid(0, slope * FIXED_ONE), `slope ${slope}`).toBe(8);
      expect(sigmoid(FIXED_ONE, slope * FIXED_ONE), `slope ${slope}`).toBe(FIXED_ONE - 8);
      expect(sigmoid(FIXED_HALF, slope * FIXED_ONE), `slope ${slope}`).toBe(FIXED_HALF);
    }
  });
});
