import { describe, expect, it } from 'vitest';
import { type Attack, boundsOf, judgeAttack } from '../../src/attacks/attack.ts';

/** Gains grow with the share, and with how near the strategy is to seven. */
const mock: Attack<number> = {
  name: 'test',
  rule: 'none',
  of: 'cairn',
  shareOf: 'stake',
  shares: [0.1, 0.3, 0.5],
  judgedAt: 0.1,
  unit: 'units',
  strategies: [0, 4, 12],
  neighbours: (strategy) => [strategy - 1, strategy + 1],
  describe: String,
  gain: (seed, share, strategy) => share - 0.35 - (strategy - 7) ** 2 + ((seed % 5) - 2) / 1_000,
};

describe('the judge of attacks', () => {
  it('climbs from the best of the grid, and says from which share it pays', () => {
    const row = judgeAttack(mock);
    expect(row.strategy).toBe('7');
    expect(row.gain).toBeCloseTo(-0.25);
    expect(row.upper).toBeGreaterThan(row.gain);
    expect(row).toMatchObject({ verdict: 'no profit', breakEvenShare: 0.5, seeds: 30, victimLoss: null });
    expect(row).toMatchObject({ noProfitUpTo: 0.3, isDefended: true, beside: [] });
  });

  it('calls a gain whose bounds are on both sides of zero undecided', () => {
    const row = judgeAttack({ ...mock, gain: (seed) => (seed % 2 === 0 ? 1 : -1) });
    expect(row.verdict).toBe('undecided');
  });

  it('says nothing is defended where the least share pays, or the rule is of another ledger', () => {
    const paying = judgeAttack({ ...mock, gain: () => 1 });
    expect(paying).toMatchObject({ breakEvenShare: 0.1, noProfitUpTo: null, isDefended: false });
    expect(judgeAttack({ ...mock, of: 'bittensor' }).isDefended).toBe(false);
  });

  it('gives the means against other yardsticks of the strategy it judges', () => {
    const row = judgeAttack({
      ...mock,
      beside: (seed, share, strategy) => ({ idle: seed + share + strategy }),
    });
    expect(row.beside).toEqual([{ against: 'idle', gain: expect.closeTo(15.5 + 0.1 + 7) }]);
  });

  it('bounds a mean as Student does', () => {
    const { mean, lower, upper } = boundsOf([1, 2, 3, 4, 5]);
    expect(mean).toBe(3);
    // Quantile 0.95 of Student's t with four degrees of freedom is 2.1318.
    expect(upper - mean).toBeCloseTo(2.1318 * Math.sqrt(0.5), 1);
    expect(mean - lower).toBeCloseTo(upper - mean);
  });
});
