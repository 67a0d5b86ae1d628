import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shareByFlow } from '../../../src/emission/share-rules/flow.ts';
import { shareByNetFlow } from '../../../src/emission/share-rules/net-flow.ts';
import { aSubnet, someSubnets, someWhole } from './some-subnets.ts';

const subnets = (...list: [bigint, bigint][]) =>
  list.map(([userFlow, protocolFlow], netuid) => aSubnet({ netuid, userFlow, protocolFlow }));

describe('shareByNetFlow', () => {
  it('subtracts what the protocol put in', () => {
    expect(shareByNetFlow(subnets([500n, 400n], [400n, 100n]), 400n).shares).toEqual([100n, 300n]);
  });

  it('lets protocol inflows together count no more than people together put in', () => {
    // 1,000 of the protocol against 100 of people: each counts a tenth.
    expect(shareByNetFlow(subnets([60n, 500n], [40n, 500n]), 10n).shares).toEqual([10n, 0n]);
  });

  it('counts a protocol outflow in full, for the subnet', () => {
    expect(shareByNetFlow(subnets([100n, -200n], [100n, 0n]), 400n).shares).toEqual([300n, 100n]);
  });

  it('is the flow rule where the protocol did nothing', () => {
    fc.assert(
      fc.property(someSubnets, someWhole, (list, whole) => {
        const idle = list.map((subnet) => ({ ...subnet, protocolFlow: 0n }));
        expect(shareByNetFlow(idle, whole)).toEqual(shareByFlow(idle, whole));
      }),
    );
  });

  it("never gives less for a larger flow of people's money", () => {
    fc.assert(
      fc.property(someSubnets, someWhole, fc.bigInt({ min: 0n, max: 1n << 70n }), (list, whole, more) => {
        const raised = [{ ...list[0]!, userFlow: list[0]!.userFlow + more }, ...list.slice(1)];
        const before = shareByNetFlow(list, whole).shares[0]!;
        expect(shareByNetFlow(raised, whole).shares[0]! >= before).toBe(true);
      }),
    );
  });
});
