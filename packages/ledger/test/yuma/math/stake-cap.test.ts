import { capStakes, runEpoch } from '@cairn/ledger';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anEpoch, aRow } from './an-epoch.ts';

const stakes = fc.array(
  fc.oneof(fc.constantFrom(0n, 1n, 5n), fc.bigInt({ min: 0n, max: 21n * 10n ** 15n })),
  {
    minLength: 1,
    maxLength: 70,
  },
);
const bps = fc.integer({ min: 1, max: 10_000 });
const meanOf = (values: readonly bigint[]): bigint => {
  const some = values.filter((value) => value > 0n);
  const count = BigInt(some.length);
  return count === 0n ? 0n : (some.reduce((sum, value) => sum + value, 0n) + count - 1n) / count;
};

describe('capStakes', () => {
  it('takes the nearest rank: of ten stakes the ninth for the 88th percentile', () => {
    const ten = [1n, 20n, 30n, 40n, 50n, 60n, 70n, 80n, 90n, 400n];
    expect(capStakes(ten, 8_800)).toEqual([...ten.slice(0, 9), 90n]);
    expect(capStakes([10n, 20n, 30n, 40n], 7_500)).toEqual([10n, 20n, 30n, 30n]);
    expect(capStakes([10n, 20n, 30n, 40n], 7_501)).toEqual([10n, 20n, 30n, 40n]);
  });

  it('leaves all as it is when it is off, at the highest percentile, for one validator and for none', () => {
    for (const given of [[7n, 1n, 90n], [5n], [], [0n, 0n]]) {
      expect(capStakes(given, 0)).toEqual(given);
      expect(capStakes(given, 10_000)).toEqual(given);
    }
    expect(capStakes([0n, 8n], 1)).toEqual([0n, 8n]);
  });

  it('does not count validators without stake, and treats ties alike', () => {
    expect(capStakes([0n, 0n, 0n, 0n, 10n, 20n, 30n, 40n], 7_500)).toEqual([
      0n,
      0n,
      0n,
      0n,
      10n,
      20n,
      30n,
      30n,
    ]);
    expect(capStakes([9n, 50n, 9n, 50n, 50n], 4_000)).toEqual([9n, 34n, 9n, 34n, 34n]);
  });

  it('never raises a stake, turns an order round, or goes below the mean; the order of uids is nothing', () => {
    fc.assert(
      fc.property(stakes, bps, (given, cap) => {
        const capped = capStakes(given, cap);
        const mean = meanOf(given);
        for (const [uid, stake] of given.entries()) {
          expect(capped[uid]! <= stake).toBe(true);
          if (capped[uid]! < stake) expect(capped[uid]! >= mean).toBe(true);
          for (const [other, less] of given.entries())
            if (less <= stake) expect(capped[other]! <= capped[uid]!).toBe(true);
        }
        expect(capStakes([...given].reverse(), cap)).toEqual([...capped].reverse());
      }),
    );
  });

  it('is not brought down by validators with dust: they gain no say', () => {
    const honest = [100n, 100n, 100n].map((stake) => stake * 10n ** 9n);
    const capped = capStakes([...honest, ...new Array<bigint>(61).fill(1n)], 8_800);
    const say = capped.reduce((sum, stake) => sum + stake, 0n);
    expect(61n * 1_000_000n < say).toBe(true);
    expect(capped[0]).toBe(4_687_500_001n);
  });
});

describe('an epoch with a cap on stake', () => {
  const weights = [aRow({ 5: 1 }), ...new Array(4).fill(aRow({ 6: 1 })), null, null];
  // A whale with 60 % of the stake, on a miner that the four others do not value.
  const whale = (stakeCapBps: number) =>
    runEpoch(
      anEpoch({
        stakes: [60n, 10n, 10n, 10n, 10n, 0n, 0n].map((stake) => stake * 10n ** 9n),
        weights,
        parameters: { stakeCapBps },
      }),
    );

  it('takes the consensus from a whale, whose stake decides it without', () => {
    expect([...whale(0).incentive].slice(5)).toEqual([65_535, 0]);
    expect([...whale(8_000).incentive].slice(5)).toEqual([0, 65_535]);
  });

  it('changes neither permits nor shown stake', () => {
    expect(whale(8_000).newPermits).toEqual(whale(0).newPermits);
    expect(whale(8_000).stakeShare).toEqual(whale(0).stakeShare);
  });
});
