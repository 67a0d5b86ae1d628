import { loadSkillModel } from '@cairn/training';
import { type SimulatedTrainer, simulateRun } from '../../src/training/simulate-run.ts';
import { aTwinJudge, aTwinRun, heldOutLoss } from '../../src/training/twin-run.ts';

const rate = await loadSkillModel();

/** A judged run, or one that nobody judges. */
export async function playRun(
  seed: number,
  trainers: readonly SimulatedTrainer[],
  { rounds = 12, isJudged = true } = {},
) {
  const judge = isJudged ? { judge: aTwinJudge(seed, rate) } : {};
  const run = aTwinRun(seed, { trainers, rounds, ...judge });
  const { state, judged } = await simulateRun(run);
  const judgements = judged.flat();
  return {
    loss: await heldOutLoss(run, state.weights),
    judgements,
    /** Share of the updates of these that were refused. */
    refusedOf(isMeant: (trainer: string) => boolean): number {
      const own = judgements.filter(({ trainer }) => isMeant(trainer));
      return own.filter(({ isAccepted }) => !isAccepted).length / own.length;
    },
  };
}
