import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ONE_Q96, raiseToPower } from '../../../src/index.ts';

const ratio = (numerator: bigint, denominator = 1n) => ({ numerator, denominator });

describe('raiseToPower', () => {
  it('squares and takes roots of the largest, to 25 digits', () => {
    const close = (found: bigint, wanted: bigint) => {
      const error = found > wanted ? found - wanted : wanted - found;
      expect(error < 10n).toBe(true);
    };
    const [zero, quarter, one] = raiseToPower([0n, 5n, 10n], ratio(2n));
    expect([zero, one]).toEqual([0n, ONE_Q96]);
    close(quarter!, ONE_Q96 / 4n);
    close(raiseToPower([1n, 4n], ratio(1n, 2n))[0]!, ONE_Q96 / 2n);
  });

  it('gives the values back at one', () => {
    expect(raiseToPower([3n, 0n, 7n], ratio(5n, 5n))).toEqual([3n, 0n, 7n]);
    expect(raiseToPower([0n, 0n], ratio(2n))).toEqual([0n, 0n]);
  });

  it('keeps the order of the values', () => {
    const values = fc.array(fc.bigInt({ min: 0n, max: 1n << 80n }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(values, fc.bigInt({ min: 1n, max: 30n }), (list, tenths) => {
        const sorted = [...list].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
        const powers = raiseToPower(sorted, ratio(tenths, 10n));
        powers.slice(1).forEach((power, index) => {
          expect(power >= powers[index]!).toBe(true);
        });
      }),
    );
  });
});
