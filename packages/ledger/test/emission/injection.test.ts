import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { injectEmission } from '../../src/index.ts';

const amount = fc.bigInt({ min: 0n, max: 10n ** 16n });
const reserve = fc.bigInt({ min: 1n, max: 10n ** 16n });

describe('injectEmission', () => {
  it('puts in or buys with the whole emission, within the cap, and mints no more than the price allows', () => {
    fc.assert(
      fc.property(amount, reserve, reserve, amount, (emission, tao, alphaReserve, alphaCap) => {
        const price = { numerator: tao, denominator: alphaReserve };
        const { cairn, alpha, buy } = injectEmission({ emission, price, alphaCap });
        expect(cairn + buy).toBe(emission);
        expect(cairn >= 0n && buy >= 0n && alpha <= alphaCap).toBe(true);
        // Within a pebble of the price, and where nothing is bought never below it.
        expect((cairn + 1n) * alphaReserve > alpha * tao).toBe(true);
        if (buy === 0n) expect(cairn * alphaReserve >= alpha * tao).toBe(true);
      }),
    );
  });

  it('adds both sides at the price under the cap and buys with the rest above it', () => {
    const price = { numerator: 1n, denominator: 2n };
    expect(injectEmission({ emission: 100n, price, alphaCap: 200n })).toEqual({
      cairn: 100n,
      alpha: 200n,
      buy: 0n,
    });
    expect(injectEmission({ emission: 100n, price, alphaCap: 61n })).toEqual({
      cairn: 30n,
      alpha: 61n,
      buy: 70n,
    });
  });

  it('mints nothing into a pool without a price', () => {
    const price = { numerator: 0n, denominator: 5n };
    expect(injectEmission({ emission: 9n, price, alphaCap: 9n })).toEqual({ cairn: 0n, alpha: 0n, buy: 9n });
  });
});
