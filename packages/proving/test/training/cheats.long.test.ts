import { describe, expect, it } from 'vitest';
import { ATTACKS, anAttacker } from '../../src/training/attacks.ts';
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

  it('learns worse when nobody judges', async () => {
    const { loss } = await playRun(seed, [...honestTrainers(3), anAttacker('sign-flip')], {
      isJudged: false,
    });
    expect(loss).toBeGreaterThan(1.1 * (await honest).loss);
  });
});
