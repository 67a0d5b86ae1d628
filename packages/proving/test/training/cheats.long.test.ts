import { describe, expect, it } from 'vitest';
import { ATTACKS, aNoiseMaker, anAttacker } from '../../src/training/attacks.ts';
import { honestTrainers } from '../../src/training/twin-run.ts';
import { playRun } from './cheat-runs.ts';

const SEEDS = [1, 2, 3];

describe.each(SEEDS)('a run with one that cheats (seed %i)', (seed) => {
  const honest = playRun(seed, honestTrainers(3));

  it.each(ATTACKS)(
    'leaves out the updates of a %s, keeps the honest ones and learns as well',
    async (attack) => {
      const { loss, refusedOf } = await playRun(seed, [...honestTrainers(3), anAttacker(attack)]);
      expect(
        refusedOf((name) => name === attack),
        'cheat refused',
      ).toBeGreaterThanOrEqual(0.9);
      expect(
        refusedOf((name) => name !== attack),
        'honest refused',
      ).toBeLessThanOrEqual(0.05);
      expect(loss).toBeLessThanOrEqual(1.05 * (await honest).loss);
    },
  );

  it.each([
    { length: 1, honest: 0, least: 0.95 },
    { length: 0.5, honest: 0, least: 0.95 },
    { length: 0.1, honest: 0, least: 0.95 },
    // What helps as much as it seems to is taken, however it was made.
    { length: 1, honest: 0.1, least: 0.5 },
  ])(
    'leaves out noise of $length lengths with $honest of an honest update late in a run too, and keeps the honest ones',
    async ({ length, honest, least }) => {
      const trainers = [...honestTrainers(3), aNoiseMaker({ length, honest })];
      const { refusedOf } = await playRun(seed, trainers, { rounds: 24 });
      expect(
        refusedOf((name) => name === 'noise'),
        'noise refused',
      ).toBeGreaterThanOrEqual(least);
      expect(
        refusedOf((name) => name !== 'noise'),
        'honest refused',
      ).toBeLessThanOrEqual(0.05);
    },
  );

  it.each([1, 2])('keeps the updates of %i alone', async (count) => {
    const { refusedOf } = await playRun(seed, honestTrainers(count), { rounds: 24 });
    expect(refusedOf(() => true)).toBeLessThanOrEqual(0.05);
  });

  it('learns worse when nobody judges', async () => {
    const { loss } = await playRun(seed, [...honestTrainers(3), anAttacker('sign-flip')], {
      isJudged: false,
    });
    expect(loss).toBeGreaterThan(1.1 * (await honest).loss);
  });
});
