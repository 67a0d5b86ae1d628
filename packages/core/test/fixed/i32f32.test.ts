import {
  CoreError,
  div,
  divSigned,
  FIXED_ONE,
  fixedFromInteger,
  fixedFromRatio,
  fixedShareOf,
  fixedToU16,
  mul,
  mulSigned,
  mulUp,
  mulWide,
  u16ToFixed,
} from '@cairn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const SAFE = Number.MAX_SAFE_INTEGER;
/** Raw values of every magnitude, so that small and large operands meet. */
const raw = fc
  .tuple(fc.integer({ min: 0, max: 52 }), fc.maxSafeNat())
  .map(([bits, value]) => Math.floor(value / 2 ** bits));
/** Two raw values whose product comes close to 2^69 from below. */
const nearBound = fc
  .tuple(fc.integer({ min: 1, max: SAFE }), fc.integer({ min: 0, max: 5_000 }))
  .map(([a, gap]): [number, number] => {
    const largest = ((1n << 69n) - 1n) / BigInt(a);
    const b = Number(largest > BigInt(SAFE) ? BigInt(SAFE) : largest) - gap;
    return [a, Math.max(0, b)];
  });

function codeOf(run: () => unknown): string | null {
  try {
    run();
    return null;
  } catch (error) {
    return error instanceof CoreError ? error.code : 'OTHER';
  }
}

describe('mul', () => {
  it('equals bigint for every pair of operands it accepts', () => {
    fc.assert(
      fc.property(fc.oneof(fc.tuple(raw, raw), nearBound), ([a, b]) => {
        const product = BigInt(a) * BigInt(b);
        if (product >= 1n << 69n) return codeOf(() => mul(a, b)) === 'FIXED_POINT_BOUND';
        // A product within rounding distance of the bound may be refused, but never be wrong.
        if (product >= (1n << 69n) - (1n << 16n) && codeOf(() => mul(a, b)) !== null) return true;
        return BigInt(mul(a, b)) === product >> 32n;
      }),
      { numRuns: 20_000 },
    );
  });

  it('refuses the pair that breaks the unchecked split', () => {
    expect(codeOf(() => mul(121_387_363_449, 44_369_136_291))).toBe('FIXED_POINT_BOUND');
  });

  it('is exact for a small operand times a large one', () => {
    expect(BigInt(mul(65_535, 2 ** 52 + 1))).toBe((65_535n * (2n ** 52n + 1n)) >> 32n);
  });

  it.each([
    [-1, 1],
    [1, -1],
    [0.5, 1],
    [1, Number.NaN],
    [2 ** 53, 1],
  ])('refuses %d times %d', (a, b) => {
    expect(codeOf(() => mul(a, b))).toBe('FIXED_POINT_BOUND');
  });
});

describe('mulUp, mulSigned and mulWide', () => {
  it('round up, towards minus infinity and down', () => {
    fc.assert(
      fc.property(fc.oneof(fc.tuple(raw, raw), nearBound), fc.boolean(), ([a, b], isNegative) => {
        const product = BigInt(a) * BigInt(b);
        if (product >= (1n << 69n) - (1n << 16n)) {
          const result = product >> 32n;
          return result < 1n << 53n
            ? BigInt(mulWide(a, b)) === result
            : codeOf(() => mulWide(a, b)) === 'FIXED_POINT_BOUND';
        }
        const signed = isNegative ? -product : product;
        return (
          BigInt(mulUp(a, b)) === (product + 0xffff_ffffn) >> 32n &&
          BigInt(mulSigned(isNegative ? -a : a, b)) === signed >> 32n &&
          BigInt(mulWide(a, b)) === product >> 32n
        );
      }),
      { numRuns: 10_000 },
    );
  });
});

describe('div', () => {
  it('equals bigint while the quotient is below 2^53 and refuses larger ones', () => {
    fc.assert(
      fc.property(raw, raw, (a, b) => {
        if (b === 0) return div(a, b) === 0;
        const quotient = (BigInt(a) << 32n) / BigInt(b);
        if (quotient >= 1n << 53n) return codeOf(() => div(a, b)) === 'FIXED_POINT_BOUND';
        return BigInt(div(a, b)) === quotient;
      }),
      { numRuns: 20_000 },
    );
  });

  it.each([
    [FIXED_ONE, 3 * FIXED_ONE],
    [2 ** 37 - 1, 2 ** 37],
    [2 ** 37 - 1, 2 ** 45 - 1],
    [2 ** 37, 2 ** 45],
    [2 ** 20, 2 ** 53 - 1],
  ])('is exact at the edges of its fast paths: %d over %d', (a, b) => {
    expect(BigInt(div(a, b))).toBe((BigInt(a) << 32n) / BigInt(b));
  });

  it('rounds signed quotients towards zero', () => {
    expect(divSigned(-FIXED_ONE, 3 * FIXED_ONE)).toBe(-div(FIXED_ONE, 3 * FIXED_ONE));
    expect(divSigned(-FIXED_ONE, -3 * FIXED_ONE)).toBe(div(FIXED_ONE, 3 * FIXED_ONE));
  });
});

describe('conversions', () => {
  it('keep every u16 proportion within one of itself', () => {
    for (let value = 0; value <= 65_535; value += 1) {
      const back = fixedToU16(u16ToFixed(value));
      expect(value - back, `u16 ${value}`).toBeGreaterThanOrEqual(0);
      expect(value - back, `u16 ${value}`).toBeLessThanOrEqual(1);
      expect(BigInt(u16ToFixed(value)), `u16 ${value}`).toBe((BigInt(value) << 32n) / 65_535n);
    }
  });

  it('round a proportion down to u16 and stop at the largest', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: FIXED_ONE }), (value) => {
        expect(BigInt(fixedToU16(value))).toBe((BigInt(value) * 65_535n) >> 32n);
      }),
    );
    expect(fixedToU16(FIXED_ONE + 1)).toBe(65_535);
  });

  it('take whole numbers and ratios', () => {
    expect(fixedFromInteger(3)).toBe(3 * FIXED_ONE);
    expect(codeOf(() => fixedFromInteger(2 ** 21))).toBe('FIXED_POINT_BOUND');
    expect(fixedFromRatio(1n, 3n)).toBe(1_431_655_765);
    expect(fixedFromRatio(1n, 0n)).toBe(0);
    expect(codeOf(() => fixedFromRatio(-1n, 3n))).toBe('FIXED_POINT_BOUND');
  });

  it('share an amount rounding down', () => {
    expect(fixedShareOf(1_000_000_001n, FIXED_ONE / 2)).toBe(500_000_000n);
  });
});
