import {
  CoreError,
  complement,
  FIXED_ONE,
  maxUpscaleToU16,
  maxUpscaleWeights,
  mulVectors,
  normalize,
  normalizeBy,
  proportionsOf,
  sumFixed,
} from '@cairn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const values = fc.array(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), { maxLength: 20 });

describe('normalize', () => {
  it('divides by the sum towards zero, and leaves a sum of zero alone', () => {
    fc.assert(
      fc.property(values, (list) => {
        const sum = list.reduce((total, value) => total + value, 0);
        // A small sum of large values of both signs has quotients beyond 2^53.
        fc.pre(sum === 0 || list.every((value) => Math.abs(value / sum) < 2 ** 20));
        const result = normalize(Float64Array.from(list));
        list.forEach((value, index) => {
          const expected = sum === 0 ? BigInt(value) : (BigInt(value) << 32n) / BigInt(sum);
          expect(BigInt(result[index]!), `entry ${index}`).toBe(expected);
        });
      }),
    );
  });

  it('refuses sums beyond 53 bits', () => {
    expect(() => sumFixed(Float64Array.of(2 ** 52, 2 ** 52))).toThrow(CoreError);
  });

  it('divides by a given sum', () => {
    expect([...normalizeBy(Float64Array.of(1, 3), 4)]).toEqual([FIXED_ONE / 4, (FIXED_ONE / 4) * 3]);
  });
});

describe('proportionsOf', () => {
  it('gives shares of amounts that no double holds', () => {
    expect([...proportionsOf([10n ** 16n, 3n * 10n ** 16n])]).toEqual([FIXED_ONE / 4, (FIXED_ONE / 4) * 3]);
    expect([...proportionsOf(BigUint64Array.of(0n, 0n))]).toEqual([0, 0]);
    expect(() => proportionsOf([-1n])).toThrow(CoreError);
  });
});

describe('maxUpscaleWeights', () => {
  it('gives the largest weight 65,535 and rounds halves up', () => {
    expect([...maxUpscaleWeights([0, 1, 2])]).toEqual([0, 32_768, 65_535]);
    expect([...maxUpscaleWeights([0, 0])]).toEqual([0, 0]);
    expect([...maxUpscaleToU16([])]).toEqual([]);
  });

  it('keeps the order of weights', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 65_535 }), { minLength: 2, maxLength: 20 }), (weights) => {
        const scaled = maxUpscaleWeights(weights);
        weights.forEach((weight, a) => {
          weights.forEach((other, b) => {
            if (weight <= other) expect(scaled[a]).toBeLessThanOrEqual(scaled[b]!);
          });
        });
      }),
    );
  });
});

describe('small helpers', () => {
  it('multiply element by element and complement to one', () => {
    expect([...mulVectors(Float64Array.of(FIXED_ONE, 5), Float64Array.of(7, FIXED_ONE / 2))]).toEqual([7, 2]);
    expect(complement(1)).toBe(FIXED_ONE - 1);
    expect(() => complement(FIXED_ONE + 1)).toThrow(CoreError);
  });
});
