import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  calibrate,
  checkDrifts,
  checkPace,
  isSelected,
  isShiftSignificant,
  LEAST_RATE_PPM,
  shiftUp,
  updateSuspicion,
} from '../../src/index.ts';
import { aCalibration, anHonestRun, artifact, crypto, honestDrifts } from './answers.ts';

const rates = { failsIfCheatPpm: 900_000n, failsIfHonestPpm: 300n };

describe('suspicion', () => {
  it('rises with a failure and falls with a pass, as the formula says', () => {
    // 0.5 * 0.9 / (0.5 * 0.9 + 0.5 * 0.0003), and with 0.1 and 0.9997.
    expect(updateSuspicion(500_000n, true, rates)).toBe(999_667n);
    expect(updateSuspicion(500_000n, false, rates)).toBe(90_934n);
  });

  it('stays between one in a hundred and certainty, and never falls by a failure', () => {
    const ppm = fc.bigInt({ min: 0n, max: 1_000_000n });
    fc.assert(
      fc.property(ppm, fc.array(fc.boolean(), { maxLength: 50 }), (prior, outcomes) => {
        let suspicion = prior;
        for (const hasFailed of outcomes) {
          const next = updateSuspicion(suspicion, hasFailed, rates);
          expect(next).toBeGreaterThanOrEqual(LEAST_RATE_PPM);
          expect(next).toBeLessThanOrEqual(1_000_000n);
          if (hasFailed)
            expect(next).toBeGreaterThanOrEqual(suspicion < LEAST_RATE_PPM ? LEAST_RATE_PPM : suspicion);
          suspicion = next;
        }
      }),
    );
  });

  it('finds a provider that turns after a thousand passes in a few failures', () => {
    let suspicion = 500_000n;
    for (let n = 0; n < 1_000; n += 1) suspicion = updateSuspicion(suspicion, false, rates);
    expect(suspicion).toBe(LEAST_RATE_PPM);
    suspicion = updateSuspicion(updateSuspicion(suspicion, true, rates), true, rates);
    expect(suspicion).toBeGreaterThan(999_900n);
  });
});

describe('the choice of receipts', () => {
  const receipts = Array.from({ length: 4_000 }, (_, n) => crypto.sha256(Uint8Array.of(n & 255, n >> 8)));
  const chosen = (seed: number, rate: bigint) =>
    receipts.filter((receipt) => isSelected(crypto, new Uint8Array(32).fill(seed), receipt, rate));

  it('takes about the share that is asked for, never less than one in a hundred', () => {
    expect(chosen(1, 250_000n).length).toBeGreaterThan(900);
    expect(chosen(1, 250_000n).length).toBeLessThan(1_100);
    expect(chosen(1, 0n)).toEqual(chosen(1, LEAST_RATE_PPM));
    expect(chosen(1, 0n).length).toBeGreaterThan(15);
    expect(chosen(1, 1_000_000n)).toHaveLength(4_000);
  });

  it('is another with another seed, and keeps what a lower rate had', () => {
    expect(chosen(1, 100_000n)).not.toEqual(chosen(2, 100_000n));
    const many = new Set(chosen(1, 200_000n));
    expect(chosen(1, 100_000n).every((receipt) => many.has(receipt))).toBe(true);
  });
});

describe('Kolmogorov and Smirnov', () => {
  it('gives the largest gap between the distributions, upwards only', () => {
    const [low, high] = [
      [1n, 2n, 3n, 4n],
      [3n, 4n, 5n, 6n],
    ];
    expect(shiftUp(low, high)).toBe(500_000);
    expect(shiftUp(high, low)).toBe(0);
    expect(shiftUp(low, low)).toBe(0);
    expect(shiftUp([1n], [2n])).toBe(1_000_000);
  });

  it('calls a shift significant beyond what is allowed and what chance does', () => {
    // sqrt(6.907755 * 2 / 64) = 0.4646
    expect(isShiftSignificant(464_000, 0, 64, 64)).toBe(false);
    expect(isShiftSignificant(465_000, 0, 64, 64)).toBe(true);
    expect(isShiftSignificant(465_000, 100_000, 64, 64)).toBe(false);
    expect(isShiftSignificant(1_000_000, 0, 0, 64)).toBe(false);
  });

  it('tells drifts of another quantisation from honest ones, and not a slightly other machine', () => {
    const calibration = aCalibration();
    expect(checkDrifts(calibration, honestDrifts(32)).isShifted).toBe(false);
    expect(checkDrifts(calibration, honestDrifts(32, 1_100_000)).isShifted).toBe(false);
    expect(checkDrifts(calibration, honestDrifts(32, 20_000_000)).isShifted).toBe(true);
    expect(checkDrifts(calibration, honestDrifts(15, 20_000_000)).isShifted).toBeNull();
  });

  it('sets no limits by too few runs', () => {
    const of = { artifact, engine: 'test 1' };
    expect(() => calibrate(of, [anHonestRun('a'), anHonestRun('b')])).toThrow(/too few/u);
    expect(() =>
      calibrate(
        of,
        ['a', 'b', 'c'].map((name) => anHonestRun(name, 1, 10)),
      ),
    ).toThrow(/too few/u);
  });
});

describe('pace', () => {
  const times = (ms: number, count = 16) => Array.from({ length: count }, () => ms);
  it('compares with what a provider says of itself, else with its peers', () => {
    expect(checkPace(times(29), { claimedMs: 10, peersMs: [] })).toMatchObject({
      isSlow: false,
      limitMs: 30,
    });
    expect(checkPace(times(31), { claimedMs: 10, peersMs: [100] }).isSlow).toBe(true);
    expect(checkPace(times(31), { claimedMs: null, peersMs: [8, 10, 12] }).isSlow).toBe(true);
  });

  it('says nothing with too few answers or nothing to compare with', () => {
    expect(checkPace(times(99, 15), { claimedMs: 10, peersMs: [] }).isSlow).toBeNull();
    expect(checkPace(times(99), { claimedMs: null, peersMs: [] }).isSlow).toBeNull();
  });
});
