import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextPriceEma, type PriceEmaRules } from '../../../src/index.ts';

const ONE = 10n ** 18n;
const rules: PriceEmaRules = {
  smoothing: { numerator: 3n, denominator: 1_000_000n },
  halfLifeSlots: 201_600n,
  ceiling: ONE,
};
const price = fc.bigInt({ min: 0n, max: 3n * ONE });
const age = fc.bigInt({ min: 0n, max: 100_000_000n });

describe('nextPriceEma', () => {
  it('lies between the average and the price, which counts to the ceiling', () => {
    fc.assert(
      fc.property(price, price, age, (previous, spot, slots) => {
        const counted = spot < ONE ? spot : ONE;
        const next = nextPriceEma(previous, spot, slots, rules);
        const [low, high] = previous < counted ? [previous, counted] : [counted, previous];
        expect(next >= low && next <= high).toBe(true);
      }),
    );
  });

  it('weighs half at its half-life and nothing at its start', () => {
    const half = { ...rules, smoothing: { numerator: 1n, denominator: 2n } };
    expect(nextPriceEma(0n, ONE, 201_600n, half)).toBe(ONE / 4n);
    expect(nextPriceEma(0n, ONE, 0n, half)).toBe(0n);
  });

  it('lets an old average move faster than a young one', () => {
    fc.assert(
      fc.property(price, age, fc.bigInt({ min: 0n, max: 1_000_000n }), (spot, slots, older) => {
        const young = nextPriceEma(0n, spot, slots, rules);
        expect(nextPriceEma(0n, spot, slots + older, rules) >= young).toBe(true);
      }),
    );
  });
});
