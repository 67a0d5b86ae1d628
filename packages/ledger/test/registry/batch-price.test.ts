import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchPriceOf, priceOf } from '../../src/index.ts';

const price = {
  inputPerMillion: 101n,
  cachedInputPerMillion: 50n,
  outputPerMillion: 200n,
  perRequest: 3n,
  perImage: 7n,
  perAudioSecond: 5n,
};

describe('the price of work that may wait', () => {
  it('is the price, unless the offer states a discount', () => {
    expect(batchPriceOf({ price, capabilities: ['seed'] })).toEqual(price);
    expect(batchPriceOf({ price, capabilities: ['batch-discount-50'] })).toEqual({
      inputPerMillion: 51n,
      cachedInputPerMillion: 25n,
      outputPerMillion: 100n,
      perRequest: 2n,
      perImage: 4n,
      perAudioSecond: 3n,
    });
  });

  it.each([
    'batch-discount-0',
    'batch-discount-100',
    'batch-discount-05',
    'batch-discount--5',
    'x-batch-discount-50',
  ])('takes nothing off for %s', (name) => {
    expect(batchPriceOf({ price, capabilities: [name] })).toEqual(price);
  });

  it('is never above the price nor below what the discount leaves', () => {
    const amount = fc.bigInt({ min: 0n, max: 1n << 40n });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 99 }),
        amount,
        amount,
        fc.nat(100_000),
        (percent, input, output, tokens) => {
          const full = { ...price, inputPerMillion: input, outputPerMillion: output };
          const less = batchPriceOf({ price: full, capabilities: [`batch-discount-${percent}`] });
          const [whole, reduced] = [priceOf(full, tokens, 0, tokens), priceOf(less, tokens, 0, tokens)];
          expect(reduced <= whole).toBe(true);
          expect((reduced + 1n) * 100n >= whole * BigInt(100 - percent) - 100n).toBe(true);
        },
      ),
    );
  });
});
