import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FLOW_SMOOTHING, nextFlowEma, shareByFlow } from '../../../src/emission/share-rules/flow.ts';
import { aSubnet, someSubnets, someWhole } from './some-subnets.ts';

const one = { numerator: 1n, denominator: 1n };
const flows = (...list: bigint[]) => list.map((userFlow, netuid) => aSubnet({ netuid, userFlow }));

describe('nextFlowEma', () => {
  it('forgets half in about 216,000 slots', () => {
    let average = 1n << 80n;
    for (let slot = 0; slot < 216_000; slot += 1) average = nextFlowEma(average, 0n);
    const half = 1n << 79n;
    expect(average > (half * 999n) / 1_000n && average < (half * 1_001n) / 1_000n).toBe(true);
    expect(nextFlowEma(0n, -5n, FLOW_SMOOTHING)).toBe(0n);
  });
});

describe('shareByFlow', () => {
  it('gives nothing to a subnet that loses more than it gains', () => {
    expect(shareByFlow(flows(-5n, 1n, 3n), 400n).shares).toEqual([0n, 100n, 300n]);
    expect(shareByFlow(flows(-5n, -1n), 400n)).toMatchObject({ shares: [0n, 0n], left: 400n });
  });

  it('counts what is above the cutoff, or above the lowest flow when the cutoff is lower still', () => {
    expect(shareByFlow(flows(2n, 3n, 5n), 400n, { cutoff: 2n, exponent: one }).shares).toEqual([
      0n,
      100n,
      300n,
    ]);
    expect(shareByFlow(flows(-4n, -3n, -1n), 400n, { cutoff: -9n, exponent: one }).shares).toEqual([
      0n,
      100n,
      300n,
    ]);
  });

  it('favours large flows with a power above one', () => {
    const square = { cutoff: 0n, exponent: { numerator: 2n, denominator: 1n } };
    expect(shareByFlow(flows(1n, 3n), 1_000n, square).shares).toEqual([100n, 900n]);
  });

  it('never gives less for a larger flow', () => {
    fc.assert(
      fc.property(someSubnets, someWhole, fc.bigInt({ min: 0n, max: 1n << 70n }), (subnets, whole, more) => {
        const raised = [{ ...subnets[0]!, userFlow: subnets[0]!.userFlow + more }, ...subnets.slice(1)];
        const before = shareByFlow(subnets, whole).shares[0]!;
        expect(shareByFlow(raised, whole).shares[0]! >= before).toBe(true);
      }),
    );
  });
});
