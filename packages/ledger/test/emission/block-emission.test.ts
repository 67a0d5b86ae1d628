import { SUPPLY_CAP } from '@cairn/core';
import { emissionOverSlots, INITIAL_SLOT_EMISSION, slotEmission } from '@cairn/ledger';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const CAIRN = 1_000_000_000n;

describe('slotEmission', () => {
  it.each([
    [0n, CAIRN],
    [10_499_999n * CAIRN, CAIRN],
    [10_500_000n * CAIRN, CAIRN / 2n],
    [15_750_000n * CAIRN - 1n, CAIRN / 2n],
    [15_750_000n * CAIRN, CAIRN / 4n],
    [18_375_000n * CAIRN, CAIRN / 8n],
    [21_000_000n * CAIRN - 1n, 0n],
    [21_000_000n * CAIRN, 0n],
    [22_000_000n * CAIRN, 0n],
  ])('mints, at an issuance of %d pebbles, %d', (issuance, expected) => {
    expect(slotEmission(issuance)).toBe(expected);
  });

  it('is the initial emission over the largest power of two that fits cap / left', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: SUPPLY_CAP - 1n }), (issuance) => {
        let power = 1n;
        while (power * 2n * (SUPPLY_CAP - issuance) <= SUPPLY_CAP) power *= 2n;
        expect(slotEmission(issuance)).toBe(INITIAL_SLOT_EMISSION / power);
      }),
    );
  });

  it('never rises with issuance and never passes the cap', () => {
    const issuance = fc.bigInt({ min: 0n, max: SUPPLY_CAP });
    fc.assert(
      fc.property(issuance, issuance, (a, b) => {
        const [less, more] = a < b ? [a, b] : [b, a];
        expect(slotEmission(less)).toBeGreaterThanOrEqual(slotEmission(more));
        expect(less + slotEmission(less)).toBeLessThanOrEqual(SUPPLY_CAP);
      }),
    );
  });

  it('halves a smaller token at half of its own cap', () => {
    expect(slotEmission(50n, 16n, 100n)).toBe(8n);
    expect(slotEmission(49n, 16n, 100n)).toBe(16n);
  });
});

describe('emissionOverSlots', () => {
  it('counts each slot after the one before it', () => {
    const issuance = 10_500_000n * CAIRN - 3n * CAIRN;
    expect(emissionOverSlots(issuance, 10)).toBe(3n * CAIRN + (7n * CAIRN) / 2n);
    expect(emissionOverSlots(issuance, 0)).toBe(0n);
    expect(emissionOverSlots(SUPPLY_CAP, 10)).toBe(0n);
  });

  it('does not depend on how slots are grouped', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: SUPPLY_CAP }),
        fc.nat({ max: 10 }),
        fc.nat({ max: 10 }),
        (x, a, b) => {
          const first = emissionOverSlots(x, a);
          expect(first + emissionOverSlots(x + first, b)).toBe(emissionOverSlots(x, a + b));
        },
      ),
    );
  });
});
