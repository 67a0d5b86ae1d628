import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shareByUsage } from '../../../src/emission/share-rules/usage.ts';
import { aSubnet, someSubnets, someWhole } from './some-subnets.ts';

const burns = (...list: bigint[]) => list.map((burnCaused, netuid) => aSubnet({ netuid, burnCaused }));

describe('shareByUsage', () => {
  it('gives the burn back while there is enough, and says what is left', () => {
    expect(shareByUsage(burns(30n, 0n, 12n), 100n)).toMatchObject({ shares: [30n, 0n, 12n], left: 58n });
  });

  it('shares in proportion to the burn when there is less', () => {
    expect(shareByUsage(burns(300n, 0n, 100n), 100n)).toMatchObject({ shares: [75n, 0n, 25n], left: 0n });
  });

  it('lets nobody gain by paying itself: what it is given never exceeds what it burned', () => {
    fc.assert(
      fc.property(
        someSubnets,
        someWhole,
        fc.bigInt({ min: 0n, max: 10n ** 12n }),
        (subnets, whole, washed) => {
          const idle = [{ ...subnets[0]!, burnCaused: 0n }, ...subnets.slice(1)];
          const washing = [{ ...subnets[0]!, burnCaused: washed }, ...subnets.slice(1)];
          const gain = shareByUsage(washing, whole).shares[0]! - shareByUsage(idle, whole).shares[0]!;
          expect(gain <= washed).toBe(true);
        },
      ),
    );
  });

  it('never gives less for more burn', () => {
    fc.assert(
      fc.property(someSubnets, someWhole, fc.bigInt({ min: 0n, max: 10n ** 12n }), (subnets, whole, more) => {
        const raised = [{ ...subnets[0]!, burnCaused: subnets[0]!.burnCaused + more }, ...subnets.slice(1)];
        const before = shareByUsage(subnets, whole).shares[0]!;
        expect(shareByUsage(raised, whole).shares[0]! >= before).toBe(true);
      }),
    );
  });
});
