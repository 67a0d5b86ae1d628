import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shareByBlend, shareByBoundedBlend } from '../../../src/emission/share-rules/blend.ts';
import { shareByPrice } from '../../../src/index.ts';
import { aSubnet, someSubnets, someWhole } from './some-subnets.ts';

describe('shareByBlend', () => {
  const subnets = [
    aSubnet({ netuid: 1, priceEma: 1n, burnCaused: 90n }),
    aSubnet({ netuid: 2, priceEma: 3n, burnCaused: 10n }),
  ];

  it('pays usage first, up to half, and shares the rest by price', () => {
    expect(shareByBlend(subnets, 1_000n)).toEqual({
      shares: [90n + 225n, 10n + 675n],
      usage: [90n, 10n],
      left: 0n,
    });
    expect(shareByBlend(subnets, 100n)).toMatchObject({ shares: [45n + 13n, 5n + 37n], usage: [45n, 5n] });
  });

  it('is the price rule where nothing is used', () => {
    fc.assert(
      fc.property(someSubnets, someWhole, (list, whole) => {
        const idle = list.map((subnet) => ({ ...subnet, burnCaused: 0n }));
        expect(shareByBlend(idle, whole)).toEqual(shareByPrice(idle, whole));
      }),
    );
  });
});

describe.each([
  ['shareByBlend', shareByBlend],
  ['shareByBoundedBlend', shareByBoundedBlend],
])('%s', (_, share) => {
  it('lets nobody gain more than the pebble of rounding by paying itself', () => {
    fc.assert(
      fc.property(someSubnets, someWhole, fc.bigInt({ min: 0n, max: 10n ** 12n }), (list, whole, washed) => {
        const idle = [{ ...list[0]!, burnCaused: 0n }, ...list.slice(1)];
        const washing = [{ ...list[0]!, burnCaused: washed }, ...list.slice(1)];
        const gain = share(washing, whole).shares[0]! - share(idle, whole).shares[0]!;
        expect(gain <= washed + 1n).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('never gives less for more burn but the pebble of rounding', () => {
    fc.assert(
      fc.property(someSubnets, someWhole, fc.bigInt({ min: 0n, max: 10n ** 12n }), (list, whole, more) => {
        const raised = [{ ...list[0]!, burnCaused: list[0]!.burnCaused + more }, ...list.slice(1)];
        const change = share(raised, whole).shares[0]! - share(list, whole).shares[0]!;
        expect(change >= -1n).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});
