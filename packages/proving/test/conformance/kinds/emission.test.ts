import { parseConformanceCases, runConformance } from '@cairn/proving';
import { describe, expect, it } from 'vitest';

/** What is wrong with one case of a kind. */
function differencesOf(kind: string, input: unknown, expected: unknown, tolerance = 0): readonly string[] {
  const text = JSON.stringify([{ kind, input, expected, tolerance }]);
  return runConformance(parseConformanceCases(text, 'figures.json')).failures[0]?.differences ?? [];
}

describe('emission cases', () => {
  it('share by price and miner burn among enabled subnets', () => {
    const input = {
      moving_price: [1, 1, 2],
      miner_burned: [0, 0.5, 0.5],
      emission_enabled: [true, true, false],
    };
    expect(differencesOf('subnet_shares', input, [2 / 3, 1 / 3, 0], 1e-9)).toEqual([]);
  });

  it('inject up to the cap of root and buy with the rest', () => {
    const subnet = { tao: 1_000, alpha_in: 1_000_000_000 };
    const input = { block_emission: 1_000_000, subnets: [subnet], root_proportion: 0.5 };
    const expected = { alpha_in: [500_000_000], tao_in: [500], excess: [999_500], tao_after: [1_500] };
    expect(differencesOf('coinbase_injection', input, expected)).toEqual([]);
    expect(differencesOf('coinbase_injection', input, { mood: [1] })).toEqual([
      'mood: no rule computes this quantity',
    ]);
  });

  it('keep dividends whole when parents share in them', () => {
    const parents = [{ stake: 7, proportion: '9223372036854775807' }, { stake: 11 }];
    const hotkey_emission = [{ incentive: 5, dividend: 1_000_003 }];
    const input = { hotkey_emission, stake: 3, parents, childkey_take: 0.18 };
    const expected = { incentives_total: 5, dividends_total: 1_000_003 };
    expect(differencesOf('dividends_incentives_conservation', input, expected)).toEqual([]);
  });

  it('raise to fractional powers', () => {
    const powers = [2 ** 1.5, 3 ** 1.5, 5 ** 1.5];
    const total = powers.reduce((sum, power) => sum + power, 0);
    const expected = powers.map((power) => power / total);
    expect(differencesOf('pow_normalize', { values: [2, 3, 5], p: 1.5 }, expected, 1e-15)).toEqual([]);
  });

  it('fail a factor of the lock that is not two', () => {
    expect(differencesOf('network_lock_cost', { last_lock: 10, mult: 1 }, 20)).toEqual([
      'input.mult is 1; the rule doubles the last lock',
    ]);
  });
});
