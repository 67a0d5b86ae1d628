import { FIXED_ONE } from '@cairn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shareByBoundedPrice } from '../../../src/emission/share-rules/bounded-price.ts';
import { aSubnet, someSubnets, someWhole } from './some-subnets.ts';

const priced = (...prices: bigint[]) =>
  prices.map((priceEma, index) => aSubnet({ netuid: index + 1, priceEma }));

describe('shareByBoundedPrice', () => {
  it('counts the median three times and the own price up to it', () => {
    // Weights 12 + 2, 12 + 4, 12 + 4.
    expect(shareByBoundedPrice(priced(2n, 4n, 1_000n), 4_600n)).toEqual({
      shares: [1_400n, 1_600n, 1_600n],
      usage: [0n, 0n, 0n],
      left: 0n,
    });
  });

  it('gives nothing to a subnet without a price, and leaves the whole when there is none', () => {
    expect(shareByBoundedPrice(priced(0n, 5n), 10n).shares).toEqual([0n, 10n]);
    expect(shareByBoundedPrice(priced(0n, 0n), 10n)).toMatchObject({ shares: [0n, 0n], left: 10n });
  });

  it('takes off what miners burned, unless everybody burned everything', () => {
    const [a, b] = priced(6n, 6n) as [ReturnType<typeof aSubnet>, ReturnType<typeof aSubnet>];
    expect(shareByBoundedPrice([{ ...a, minerBurned: FIXED_ONE / 2 }, b], 300n).shares).toEqual([100n, 200n]);
    const burned = [a, b].map((subnet) => ({ ...subnet, minerBurned: FIXED_ONE }));
    expect(shareByBoundedPrice(burned, 300n).shares).toEqual([150n, 150n]);
  });

  it('gives nothing more for a price that is raised above the median', () => {
    fc.assert(
      fc.property(someSubnets, someWhole, fc.bigInt({ min: 1n, max: 1n << 64n }), (list, whole, raise) => {
        const top = list.reduce((most, subnet) => (subnet.priceEma > most.priceEma ? subnet : most));
        const raised = list.map((subnet) =>
          subnet === top ? { ...subnet, priceEma: subnet.priceEma + raise } : subnet,
        );
        const others = list.filter(({ priceEma }) => priceEma > 0n).length;
        // The top one alone does not make the median once there are three.
        if (others >= 3) {
          expect(shareByBoundedPrice(raised, whole)).toEqual(shareByBoundedPrice(list, whole));
        }
      }),
    );
  });

  it('gives the dearest at most a third more than the cheapest, but the pebble of rounding', () => {
    fc.assert(
      fc.property(someSubnets, someWhole, (list, whole) => {
        const alike = list.map((subnet) => ({ ...subnet, minerBurned: 0, priceEma: subnet.priceEma + 1n }));
        const { shares } = shareByBoundedPrice(alike, whole);
        const least = shares.reduce((a, b) => (a < b ? a : b));
        const most = shares.reduce((a, b) => (a > b ? a : b));
        expect(3n * most <= 4n * least + 7n).toBe(true);
      }),
    );
  });
});
