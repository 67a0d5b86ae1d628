import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expOfMinus, minusLnOf, ONE_Q96 } from '../../src/fraction/exponential.ts';

const exponent = fc.bigInt({ min: 0n, max: 60n * ONE_Q96 });
const proportion = fc.oneof(
  fc.bigInt({ min: 1n, max: ONE_Q96 }),
  fc.bigInt({ min: 1n, max: 1n << 40n }),
  fc.bigInt({ min: ONE_Q96 - (1n << 40n), max: ONE_Q96 }),
);
const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

describe('expOfMinus', () => {
  it('agrees with figures of 28 digits', () => {
    const figures: [bigint, bigint][] = [
      [0n, 10n ** 28n],
      [1n, 3_678_794_411_714_423_215_955_237_702n],
      [10n, 453_999_297_624_848_515_355_915n],
      [40n, 42_483_542_552n],
      [67n, 0n],
    ];
    for (const [x, digits] of figures) {
      const found = expOfMinus(x * ONE_Q96) * 10n ** 28n;
      expect(magnitude(found - digits * ONE_Q96) <= ONE_Q96, `e^-${x}`).toBe(true);
    }
  });

  it('never rises with its argument and never exceeds one', () => {
    fc.assert(
      fc.property(exponent, fc.bigInt({ min: 0n, max: 1n << 60n }), (x, more) => {
        const first = expOfMinus(x);
        expect(first <= ONE_Q96).toBe(true);
        expect(expOfMinus(x + more) <= first).toBe(true);
      }),
    );
  });

  it('multiplies where arguments are added', () => {
    fc.assert(
      fc.property(exponent, exponent, (a, b) => {
        const product = (expOfMinus(a) * expOfMinus(b)) / ONE_Q96;
        expect(magnitude(product - expOfMinus(a + b)) <= 8n).toBe(true);
      }),
    );
  });
});

describe('minusLnOf', () => {
  it('is what expOfMinus undoes', () => {
    fc.assert(
      fc.property(proportion, (x) => {
        const error = magnitude(expOfMinus(minusLnOf(x)) - x);
        expect(error <= 8n).toBe(true);
      }),
    );
  });

  it('is zero at one and ln 2 at a half, and never rises', () => {
    expect(minusLnOf(ONE_Q96)).toBe(0n);
    const ln2 = 6_931_471_805_599_453_094_172_321_214n;
    expect(magnitude(minusLnOf(ONE_Q96 / 2n) * 10n ** 28n - ln2 * ONE_Q96) <= ONE_Q96).toBe(true);
    fc.assert(
      fc.property(proportion, proportion, (a, b) => {
        const [less, more] = a < b ? [a, b] : [b, a];
        expect(minusLnOf(less) >= minusLnOf(more)).toBe(true);
      }),
    );
  });
});
