import { FIXED_HALF, FIXED_ONE } from '@cairn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shareByPrice } from '../../../src/index.ts';
import { aSubnet, someSubnets, someWhole } from './some-subnets.ts';

describe('shareByPrice', () => {
  it('shares by price times what miners were left', () => {
    const subnets = [
      aSubnet({ netuid: 1, priceEma: 2n, minerBurned: FIXED_HALF }),
      aSubnet({ netuid: 2, priceEma: 3n }),
      aSubnet({ netuid: 3, priceEma: 9n, minerBurned: FIXED_ONE }),
    ];
    expect(shareByPrice(subnets, 400n).shares).toEqual([100n, 300n, 0n]);
  });

  it('shares by price alone when everybody burns everything', () => {
    const subnets = [1n, 3n].map((priceEma, netuid) => aSubnet({ netuid, priceEma, minerBurned: FIXED_ONE }));
    expect(shareByPrice(subnets, 400n).shares).toEqual([100n, 300n]);
  });

  it('never gives less for a higher price', () => {
    fc.assert(
      fc.property(someSubnets, someWhole, fc.bigInt({ min: 0n, max: 1n << 64n }), (subnets, whole, more) => {
        const [first, ...others] = subnets;
        const raised = [{ ...first!, priceEma: first!.priceEma + more }, ...others];
        // One that burns all is weighed by price only while the others do too, so it is left out.
        if (first!.minerBurned === FIXED_ONE) return;
        const before = shareByPrice(subnets, whole).shares[0]!;
        const isFallback = others.every((one) => one.minerBurned === FIXED_ONE || one.priceEma === 0n);
        if (isFallback && first!.priceEma === 0n) return;
        expect(shareByPrice(raised, whole).shares[0]! >= before).toBe(true);
      }),
    );
  });
});
