import { describe, expect, it } from 'vitest';
import { ATTACKS, anAttacker } from '../../src/training/attacks.ts';
import { honestTrainers } from '../../src/training/twin-run.ts';
import { playRun } from './cheat-runs.ts';

describe('a run with one cheat of each kind', () => {
  it('leaves their updates out, keeps the honest ones, and pays only these', async () => {
    const { judgements, refusedOf } = await playRun(1, [...honestTrainers(6), ...ATTACKS.map(anAttacker)], {
      rounds: 6,
    });
    for (const attack of ATTACKS)
      expect(
        refusedOf((name) => name === attack),
        attack,
      ).toBeGreaterThanOrEqual(0.8);
    expect(refusedOf((name) => name.startsWith('honest'))).toBeLessThanOrEqual(0.05);
    for (const { trainer, score, isAccepted } of judgements)
      if (!isAccepted) expect(score, trainer).toBe(0);
      else if (trainer.startsWith('honest')) expect(score, trainer).toBeGreaterThan(0);
  });
});

describe('a lone honest trainer', () => {
  it('is paid from its first round on', async () => {
    const { judgements } = await playRun(2, honestTrainers(1), { rounds: 2 });
    expect(judgements[0]!.score).toBeGreaterThan(0);
  });
});
