import { FIXED_ONE } from '@cairn/core';
import fc from 'fast-check';
import type { SubnetFacts } from '../../../src/index.ts';

export function aSubnet(overrides: Partial<SubnetFacts> = {}): SubnetFacts {
  return {
    netuid: 1,
    priceEma: 0n,
    minerBurned: 0,
    userFlow: 0n,
    protocolFlow: 0n,
    burnCaused: 0n,
    ...overrides,
  };
}

const often = <T>(value: T, other: fc.Arbitrary<T>) => fc.oneof(fc.constant(value), other);
const flow = often(0n, fc.bigInt({ min: -(1n << 70n), max: 1n << 70n }));

/** Up to twelve subnets, each netuid once, in any order. */
export const someSubnets: fc.Arbitrary<SubnetFacts[]> = fc.uniqueArray(
  fc.record({
    netuid: fc.nat(4_095),
    priceEma: often(0n, fc.bigInt({ min: 0n, max: 1n << 64n })),
    minerBurned: fc.oneof(fc.constant(0), fc.constant(FIXED_ONE), fc.nat(FIXED_ONE - 1)),
    userFlow: flow,
    protocolFlow: flow,
    burnCaused: often(
      0n,
      fc.oneof(fc.bigInt({ min: 0n, max: 20n }), fc.bigInt({ min: 0n, max: 10n ** 12n })),
    ),
  }),
  { selector: ({ netuid }) => netuid, minLength: 1, maxLength: 12 },
);

/** Pebbles to share: few, so that rounding shows, or those of ten slots. */
export const someWhole: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: 0n, max: 40n }),
  fc.bigInt({ min: 0n, max: 10n ** 10n }),
);

export const sumOf = (amounts: readonly bigint[]): bigint =>
  amounts.reduce((total, amount) => total + amount, 0n);
