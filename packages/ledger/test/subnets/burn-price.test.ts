import { type BurnPriceRules, decayBurnPrice, decayFactorQ32, raiseBurnPrice } from '@cairn/ledger';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

function someRules(overrides: Partial<BurnPriceRules> = {}): BurnPriceRules {
  return {
    halfLifeSlots: 360,
    increase: { numerator: 126n, denominator: 100n },
    min: 500_000n,
    max: 100_000_000_000n,
    ...overrides,
  };
}

const price = fc.oneof(
  fc.bigInt({ min: 0n, max: 1_000n }),
  fc.bigInt({ min: (1n << 37n) - 50n, max: (1n << 37n) + 50n }),
  fc.bigInt({ min: 0n, max: 1n << 60n }),
);
const rules = fc.record({
  halfLifeSlots: fc.constantFrom(0, 1, 2, 7, 360, 65_535),
  increase: fc.constant({ numerator: 126n, denominator: 100n }),
  min: fc.oneof(fc.constant(0n), price),
  max: fc.oneof(fc.constant(1n << 63n), price),
});

describe('decayBurnPrice', () => {
  it('gives for k slots at once what k single slots give', () => {
    fc.assert(
      fc.property(price, fc.integer({ min: 0, max: 60 }), rules, (start, slots, bounds) => {
        const valid = bounds.min <= bounds.max ? bounds : { ...bounds, min: bounds.max, max: bounds.min };
        const factor = decayFactorQ32(valid.halfLifeSlots);
        let expected = start;
        for (let slot = 0; slot < slots; slot += 1) {
          expected = (expected * factor) >> 32n;
          if (expected < valid.min) expected = valid.min;
          if (expected > valid.max) expected = valid.max;
        }
        expect(decayBurnPrice(start, slots, valid)).toBe(expected);
        const middle = slots >> 1;
        expect(decayBurnPrice(decayBurnPrice(start, middle, valid), slots - middle, valid)).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it('halves in a half-life, within one part in a million', () => {
    for (const halfLifeSlots of [1, 2, 360, 1_000, 20_000]) {
      const half = decayBurnPrice(100_000_000_000n, halfLifeSlots, someRules({ halfLifeSlots, min: 0n }));
      expect(half, `half-life ${halfLifeSlots}`).toBeLessThanOrEqual(50_000_000_000n);
      expect(half, `half-life ${halfLifeSlots}`).toBeGreaterThan(49_000_000_000n);
    }
  });

  it('reaches the floor and stays there however long nobody registers', () => {
    expect(decayBurnPrice(100_000_000_000n, Number.MAX_SAFE_INTEGER, someRules())).toBe(500_000n);
    expect(decayBurnPrice(1n << 62n, Number.MAX_SAFE_INTEGER, someRules({ min: 0n, max: 1n << 62n }))).toBe(
      0n,
    );
  });

  it('stays without a half-life, within the bounds', () => {
    const bounds = someRules({ halfLifeSlots: 0 });
    expect(decayBurnPrice(700_000n, 1_000, bounds)).toBe(700_000n);
    expect(decayBurnPrice(1n, 1, bounds)).toBe(500_000n);
    expect(decayBurnPrice(1n, 0, bounds)).toBe(1n);
  });
});

describe('raiseBurnPrice', () => {
  it('multiplies, rounds down and stops at the largest price', () => {
    expect(raiseBurnPrice(1_000_003n, someRules())).toBe(1_260_003n);
    expect(raiseBurnPrice(99_000_000_000n, someRules())).toBe(100_000_000_000n);
    expect(raiseBurnPrice(1n, someRules())).toBe(500_000n);
  });

  it('never lowers the price', () => {
    const falling = someRules({ increase: { numerator: 1n, denominator: 2n } });
    expect(raiseBurnPrice(1_000_000n, falling)).toBe(1_000_000n);
  });
});
