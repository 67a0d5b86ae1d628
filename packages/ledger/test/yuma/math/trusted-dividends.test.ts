import { type EpochOutput, runEpoch, weighByTrust } from '@cairn/ledger';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anEpoch, aRow, epochs } from './an-epoch.ts';

const ONE = 2 ** 32;
const some = (...values: number[]) => Float64Array.from(values);
const total = (values: BigInt64Array): bigint => values.reduce((sum, value) => sum + value, 0n);

/** Three validators of equal stake and three miners; the last validator weighs by itself. */
function anEpochOf(last: Record<number, number>, trustedDividendsBps: number): EpochOutput {
  const honest = aRow({ 3: 40_000, 4: 20_000, 5: 5_535 });
  return runEpoch(
    anEpoch({
      stakes: [10n, 10n, 10n, 0n, 0n, 0n].map((stake) => stake * 10n ** 9n),
      weights: [honest, honest, aRow(last), null, null, null],
      // All bonds are old and alike, so that only this epoch tells the three apart.
      bonds: [honest, honest, honest, null, null, null],
      parameters: { trustedDividendsBps, bondsMovingAveragePpm: 1_000_000 },
    }),
  );
}

describe('weighByTrust', () => {
  it('is nothing when it is off', () => {
    const dividends = some(ONE / 4, (3 * ONE) / 4);
    expect(weighByTrust(dividends, some(0, ONE), 0)).toBe(dividends);
  });

  it('takes 1 − p + p · trust of each, scaled to one', () => {
    const equal = some(ONE / 2, ONE / 2);
    expect([...weighByTrust(equal, some(ONE, ONE / 2), 10_000)]).toEqual([
      Math.floor((ONE * 2) / 3),
      Math.floor(ONE / 3),
    ]);
    expect([...weighByTrust(equal, some(ONE, 0), 5_000)]).toEqual([
      Math.floor((ONE * 2) / 3),
      Math.floor(ONE / 3),
    ]);
    expect([...weighByTrust(equal, some(ONE, 0), 10_000)]).toEqual([ONE, 0]);
  });

  it('leaves dividends alone when nobody is trusted, or nobody earned any', () => {
    const dividends = some(ONE / 4, (3 * ONE) / 4);
    expect([...weighByTrust(dividends, some(0, 0), 10_000)]).toEqual([...dividends]);
    expect([...weighByTrust(some(0, 0), some(ONE, ONE), 10_000)]).toEqual([0, 0]);
    expect(
      [...weighByTrust(dividends, some(0, 0), 3_000)].every(
        (value, row) => Math.abs(value - dividends[row]!) <= 4,
      ),
    ).toBe(true);
  });

  it('never makes more of the purse than there was, and keeps all but rounding', () => {
    const share = fc.integer({ min: 0, max: ONE });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(share, share), { minLength: 1, maxLength: 64 }),
        fc.integer({ min: 0, max: 10_000 }),
        (rows, bps) => {
          const sum = rows.reduce((all, [dividend]) => all + dividend, 0);
          if (sum === 0) return;
          const dividends = Float64Array.from(rows, ([dividend]) => Math.floor((dividend / sum) * ONE));
          const weighed = weighByTrust(
            dividends,
            Float64Array.from(rows, ([, trust]) => trust),
            bps,
          );
          const after = weighed.reduce((all, value) => all + value, 0);
          expect(after).toBeLessThanOrEqual(ONE);
          if (dividends.some((value) => value > 0)) expect(after).toBeGreaterThan(ONE * 0.99);
        },
      ),
    );
  });
});

describe('an epoch with dividends by trust', () => {
  const lazy = { 3: 5_535, 4: 20_000, 5: 40_000 };
  const share = ({ validatorEmission }: EpochOutput): number =>
    Number(validatorEmission[2]!) / Number(validatorEmission[0]!);

  it('pays a validator less whose weights are not those of the others', () => {
    expect(share(anEpochOf(lazy, 0))).toBe(1);
    const trust = anEpochOf(lazy, 0).validatorTrust;
    expect(share(anEpochOf(lazy, 10_000))).toBeCloseTo(trust[2]! / trust[0]!, 3);
    expect(share(anEpochOf(lazy, 5_000))).toBeCloseTo((1 + trust[2]! / trust[0]!) / 2, 3);
    expect(share(anEpochOf({ 3: 40_000, 4: 20_000, 5: 5_535 }, 10_000))).toBe(1);
  });

  it('moves pay between validators only: miners, and both together, get what they got', () => {
    fc.assert(
      fc.property(epochs, fc.integer({ min: 1, max: 10_000 }), (input, trustedDividendsBps) => {
        const run = (bps: number) =>
          runEpoch({ ...input, parameters: { ...input.parameters, trustedDividendsBps: bps } });
        const [plain, weighed] = [run(0), run(trustedDividendsBps)];
        expect(weighed.bonds).toEqual(plain.bonds);
        expect(weighed.incentive).toEqual(plain.incentive);
        const slack = input.emission / 1_000_000n + BigInt(input.stakes.length);
        for (const side of ['serverEmission', 'validatorEmission'] as const) {
          const off = total(plain[side]) - total(weighed[side]);
          expect(off <= slack && -off <= slack, side).toBe(true);
        }
      }),
    );
  });
});
