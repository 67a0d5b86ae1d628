import { parseConformanceCases, runConformance } from '@cairn/proving';
import { describe, expect, it } from 'vitest';

/** What is wrong with one case of a kind. */
function differencesOf(kind: string, input: unknown, expected: unknown, tolerance = 0): readonly string[] {
  const text = JSON.stringify([{ kind, input, expected, tolerance }]);
  return runConformance(parseConformanceCases(text, 'figures.json')).failures[0]?.differences ?? [];
}

describe('share cases', () => {
  it('read owner and perpetual locks, and a pool as a whole', () => {
    const lock = { locked_mass: 10_000, conviction: 0, dt: 1_000, unlock_rate: 1_000, maturity_rate: 1_000 };
    const owner = { locked_mass: 3_678, conviction: 3_678 };
    expect(differencesOf('lock_roll_forward', { ...lock, owner: true }, owner)).toEqual([]);
    const perpetual = { locked_mass: 10_000, conviction: 6_321.2 };
    expect(differencesOf('lock_roll_forward', { ...lock, perpetual: true }, perpetual, 0.1)).toEqual([]);
    const ops = [
      ['one', 1, 5],
      ['all', 7],
    ];
    expect(differencesOf('share_pool_ops', { ops }, { 1: 12, shared_value: 12 })).toEqual([]);
  });

  it('fail an operation or a quantity that is unknown', () => {
    expect(differencesOf('share_pool_ops', { ops: [['few', 1]] }, {})).toEqual([
      'input.ops[0] is few, neither one nor all',
    ]);
    const lock = { locked_mass: 0, dt: 0, unlock_rate: 0, maturity_rate: 0 };
    expect(differencesOf('lock_roll_forward', lock, { mood: 1 })).toEqual([
      'mood: no rule computes this quantity',
    ]);
  });
});
