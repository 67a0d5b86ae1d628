import { describe, expect, it } from 'vitest';
import { rootProportion } from '../../src/index.ts';

const rootWeight = { numerator: 1n, denominator: 10n };

describe('rootProportion', () => {
  it('weighs root stake against what the subnet has issued', () => {
    const { numerator, denominator } = rootProportion({ rootStake: 1_000n, rootWeight, alphaIssuance: 300n });
    expect(numerator * 4n).toBe(denominator);
  });

  it('is one for a token that is not issued yet and zero without root stake', () => {
    const young = rootProportion({ rootStake: 5n, rootWeight, alphaIssuance: 0n });
    expect(young.numerator).toBe(young.denominator);
    expect(rootProportion({ rootStake: 0n, rootWeight, alphaIssuance: 5n }).numerator).toBe(0n);
    expect(rootProportion({ rootStake: 0n, rootWeight, alphaIssuance: 0n })).toEqual({
      numerator: 0n,
      denominator: 1n,
    });
  });
});
