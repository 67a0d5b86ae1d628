import { loadSkillModel } from '@cairn/training';
import { describe, expect, it } from 'vitest';
import { ATTACKS, anAttacker } from '../../src/training/attacks.ts';
import { simulateRun } from '../../src/training/simulate-run.ts';
import { aTwinJudge, aTwinRun, heldOutLoss, honestTrainers } from '../../src/training/twin-run.ts';

const ROUNDS = 12;
const rate = await loadSkillModel();

async function play(seed: number, trainers: Parameters<typeof aTwinRun>[1]['trainers'], isJudged = true) {
  const run = aTwinRun(seed, {
    trainers,
    rounds: ROUNDS,
    ...(isJudged ? { judge: aTwinJudge(seed, rate) } : {}),
  });
  const { state, judged } = await simulateRun(run);
  return { loss: await heldOutLoss(run, state.weights), judgements: judged.flat() };
}

describe('a run with one that cheats', () => {
  const honest = play(1, honestTrainers(3));

  it.each(ATTACKS)(
    'leaves out the updates of a %s, keeps the honest ones and learns as well',
    async (attack) => {
      const { loss, judgements } = await play(1, [...honestTrainers(3), anAttacker(attack)]);
      const refusedOf = (name: (trainer: string) => boolean): number => {
        const own = judgements.filter(({ trainer }) => name(trainer));
        return own.filter(({ isAccepted }) => !isAccepted).length / own.length;
      };
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
    const { loss } = await play(1, [...honestTrainers(3), anAttacker('sign-flip')], false);
    expect(loss).toBeGreaterThan(1.1 * (await honest).loss);
  });

  it('pays cheats nothing, and each honest one something', async () => {
    const { judgements } = await play(1, [...honestTrainers(3), anAttacker('sign-flip')]);
    for (const { trainer, score, isAccepted } of judgements)
      if (trainer === 'sign-flip') expect(score).toBe(0);
      else if (isAccepted) expect(score, trainer).toBeGreaterThan(0);
  });
});

describe('a lone honest trainer', () => {
  it('is paid from its first round on', async () => {
    const { judgements } = await play(2, honestTrainers(1));
    expect(judgements[0]!.score).toBeGreaterThan(0);
  });
});
