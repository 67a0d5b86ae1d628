import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SHARE_RULES } from '../../../src/emission/share-rules/rules.ts';
import { someSubnets, someWhole, sumOf } from './some-subnets.ts';

describe.each([...SHARE_RULES])('version %d of the share rule', (version, rule) => {
  it('gives out the whole exactly, or says what is left', () => {
    fc.assert(
      fc.property(someSubnets, someWhole, (subnets, whole) => {
        const { shares, usage, left } = rule(subnets, whole);
        expect(sumOf(shares) + left).toBe(whole);
        expect(left >= 0n).toBe(true);
        shares.forEach((share, index) => {
          expect(usage[index]! >= 0n && usage[index]! <= share).toBe(true);
        });
      }),
    );
  });

  it('does not depend on the order of the subnets', () => {
    fc.assert(
      fc.property(someSubnets, someWhole, fc.nat(11), (subnets, whole, turn) => {
        const byNetuid = (list: typeof subnets) => {
          const { shares, left } = rule(list, whole);
          return [left, new Map(list.map(({ netuid }, index) => [netuid, shares[index]]))];
        };
        const turned = [...subnets.slice(turn), ...subnets.slice(0, turn)].reverse();
        expect(byNetuid(turned)).toEqual(byNetuid(subnets));
      }),
    );
  });

  it('never pays usage beyond the burn it caused', () => {
    fc.assert(
      fc.property(someSubnets, someWhole, (subnets, whole) => {
        const { usage } = rule(subnets, whole);
        subnets.forEach(({ burnCaused }, index) => {
          expect(usage[index]! <= burnCaused).toBe(true);
        });
      }),
    );
  });

  it('gives nothing to a subnet that has nothing, unless it is the equal one', () => {
    fc.assert(
      fc.property(someSubnets, someWhole, (subnets, whole) => {
        const idle = { ...subnets[0]!, priceEma: 0n, userFlow: 0n, protocolFlow: 0n, burnCaused: 0n };
        const { shares } = rule([idle, ...subnets.slice(1)], whole);
        if (version !== 1n) expect(shares[0]).toBe(0n);
      }),
    );
  });

  it('leaves the whole when there is no subnet', () => {
    expect(rule([], 7n)).toEqual({ shares: [], usage: [], left: 7n });
  });
});
