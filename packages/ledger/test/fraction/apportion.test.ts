import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apportion } from '../../src/fraction/apportion.ts';

const weights = fc.array(fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 1n << 100n })), {
  minLength: 1,
  maxLength: 20,
});
const whole = fc.oneof(fc.bigInt({ min: 0n, max: 30n }), fc.bigInt({ min: 0n, max: 10n ** 16n }));

describe('apportion', () => {
  it('sums exactly to the whole, each part within one of its quota, nothing without weight', () => {
    fc.assert(
      fc.property(whole, weights, (amount, parts) => {
        const total = parts.reduce((sum, weight) => sum + weight, 0n);
        const shares = apportion(amount, parts);
        const sum = shares.reduce((left, share) => left + share, 0n);
        expect(sum).toBe(total === 0n ? 0n : amount);
        shares.forEach((share, index) => {
          const quota = total === 0n ? 0n : (amount * parts[index]!) / total;
          expect(share === quota || (share === quota + 1n && parts[index]! > 0n)).toBe(true);
        });
      }),
    );
  });

  it('gives what is left to the largest remainders, of equals to the one that goes first', () => {
    expect(apportion(10n, [1n, 1n, 1n])).toEqual([4n, 3n, 3n]);
    expect(apportion(10n, [1n, 1n, 1n], [9, 4, 7])).toEqual([3n, 4n, 3n]);
    expect(apportion(2n, [5n, 3n, 1n])).toEqual([1n, 1n, 0n]);
    expect(apportion(7n, [])).toEqual([]);
  });

  it('never gives less for more weight', () => {
    fc.assert(
      fc.property(whole, weights, fc.bigInt({ min: 0n, max: 1n << 90n }), (amount, parts, more) => {
        const raised = [parts[0]! + more, ...parts.slice(1)];
        expect(apportion(amount, raised)[0]! >= apportion(amount, parts)[0]!).toBe(true);
      }),
    );
  });
});
