import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitByMechanism, splitByRole, splitDividends } from '../../src/emission/split.ts';

const amount = fc.bigInt({ min: 0n, max: 10n ** 16n });
const part = fc.bigInt({ min: 0n, max: 1_000n });
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, one) => total + one, 0n);

describe('splitByRole', () => {
  it('gives 18, 41 and 41 of a hundred, and root its part of the last', () => {
    const split = splitByRole(
      10_000n,
      { numerator: 18n, denominator: 100n },
      { numerator: 1n, denominator: 4n },
    );
    expect(split).toEqual({ owner: 1_800n, miners: 4_100n, validators: 3_075n, root: 1_025n });
  });

  it('sums exactly, and no rounding takes from the validators', () => {
    fc.assert(
      fc.property(amount, part, part, (whole, cut, rootPart) => {
        const ratio = (numerator: bigint) => ({ numerator, denominator: 1_000n });
        const { owner, miners, validators, root } = splitByRole(whole, ratio(cut), ratio(rootPart));
        expect(owner + miners + validators + root).toBe(whole);
        expect(validators + root >= miners).toBe(true);
        expect(owner >= 0n && miners >= 0n && validators >= 0n && root >= 0n).toBe(true);
      }),
    );
  });
});

describe('splitByMechanism', () => {
  it('splits evenly, or as the owner says, and gives the rest to the first', () => {
    expect(splitByMechanism(10n, 4, null)).toEqual([4n, 2n, 2n, 2n]);
    expect(splitByMechanism(100n, 2, [16_384, 49_151])).toEqual([26n, 74n]);
    expect(splitByMechanism(10n, 2, [1, 2, 3])).toEqual([5n, 5n]);
  });

  it('sums exactly whatever the parts', () => {
    fc.assert(
      fc.property(amount, fc.array(fc.nat(65_535), { minLength: 1, maxLength: 16 }), (whole, parts) => {
        const split = splitByMechanism(whole, parts.length, parts);
        expect(sum(split)).toBe(whole);
        expect(split.every((share) => share >= 0n)).toBe(true);
      }),
    );
  });
});

describe('splitDividends', () => {
  const rootWeight = { numerator: 18n, denominator: 100n };
  const validator = fc.record({ alphaStake: amount, rootStake: amount, dividend: amount });

  it('pays each purse whole, or not at all when no stake of its kind earned anything', () => {
    fc.assert(
      fc.property(
        fc.array(validator, { maxLength: 12 }),
        amount,
        amount,
        (validators, alphaPurse, rootPurse) => {
          const { alpha, root } = splitDividends(validators, alphaPurse, rootPurse, rootWeight);
          const isBacked = (kind: 'alphaStake' | 'rootStake') =>
            validators.some((one) => one.dividend > 0n && one[kind] > 0n);
          if (isBacked('alphaStake')) expect(sum(alpha)).toBe(alphaPurse);
          expect([0n, rootPurse]).toContain(sum(root));
          if (!isBacked('rootStake')) expect(sum(root)).toBe(0n);
        },
      ),
    );
  });

  it('pays stakers of each kind by the stake of their kind behind equal dividends', () => {
    const even = { numerator: 1n, denominator: 1n };
    const validators = [
      { alphaStake: 30n, rootStake: 10n, dividend: 100n },
      { alphaStake: 10n, rootStake: 30n, dividend: 100n },
    ];
    expect(splitDividends(validators, 1_000n, 400n, even)).toEqual({
      alpha: [750n, 250n],
      root: [100n, 300n],
    });
  });
});
