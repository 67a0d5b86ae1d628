import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { medianPrice } from '../../../src/index.ts';

describe('medianPrice', () => {
  it('takes the middle one, or the mean of two rounded down, of those above zero', () => {
    expect(medianPrice([7n, 2n, 5n], 1n)).toBe(5n);
    expect(medianPrice([8n, 0n, 3n, 0n], 1n)).toBe(5n);
    expect(medianPrice([0n, 4n], 1n)).toBe(4n);
  });

  it('has an answer where there is no price', () => {
    expect(medianPrice([], 9n)).toBe(9n);
    expect(medianPrice([0n], 9n)).toBe(9n);
  });

  it('does not depend on the order', () => {
    const prices = fc.array(fc.bigInt({ min: 0n, max: 1n << 70n }), { maxLength: 12 });
    fc.assert(
      fc.property(prices, (list) => {
        expect(medianPrice([...list].reverse(), 1n)).toBe(medianPrice(list, 1n));
      }),
    );
  });
});
