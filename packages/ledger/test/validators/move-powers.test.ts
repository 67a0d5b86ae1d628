import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { movePowers } from '../../src/validators/move-powers.ts';

const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n);
const powersAndTargets = fc
  .array(fc.tuple(fc.bigInt(0n, 10n ** 12n), fc.bigInt(0n, 10n ** 12n)), { minLength: 1, maxLength: 40 })
  .map((pairs) => ({ powers: pairs.map(([power]) => power), targets: pairs.map(([, target]) => target) }));

describe('one step of the voting powers', () => {
  it('moves at most the stated share of the total each way, in proportion', () => {
    expect(movePowers([100n, 0n, 0n], [0n, 300n, 700n], 1_000n)).toEqual([90n, 3n, 7n]);
  });

  it('takes small moves whole', () => {
    expect(movePowers([1_000n, 1_000n], [1_050n, 990n], 1_000n)).toEqual([1_050n, 990n]);
  });

  it('moves one unit where a tenth of the total is less', () => {
    expect(movePowers([3n, 0n], [0n, 9n], 1_000n)).toEqual([2n, 1n]);
  });

  it('takes the first set of a chain without validators whole', () => {
    expect(movePowers([0n, 0n], [5n, 7n], 1_000n)).toEqual([5n, 7n]);
  });

  it('never moves more than a tenth, never past a target, and never comes to rest before it', () => {
    fc.assert(
      fc.property(powersAndTargets, ({ powers, targets }) => {
        fc.pre(sum(powers) > 0n);
        const next = movePowers(powers, targets, 1_000n);
        const most = sum(powers) / 10n > 0n ? sum(powers) / 10n : 1n;
        const moves = next.map((power, index) => power - powers[index]!);
        expect(sum(moves.filter((move) => move > 0n))).toBeLessThanOrEqual(most);
        expect(sum(moves.filter((move) => move < 0n))).toBeGreaterThanOrEqual(-most);
        for (const [index, power] of next.entries()) {
          const [low, high] =
            powers[index]! < targets[index]!
              ? [powers[index]!, targets[index]!]
              : [targets[index]!, powers[index]!];
          expect(power).toBeGreaterThanOrEqual(low);
          expect(power).toBeLessThanOrEqual(high);
        }
        const isThere = powers.every((power, index) => power === targets[index]);
        if (!isThere) expect(next).not.toEqual(powers);
        if (sum(targets) > 0n) expect(sum(next)).toBeGreaterThan(0n);
      }),
      { numRuns: 500 },
    );
  });
});
