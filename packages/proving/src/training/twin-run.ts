import { createNativeCrypto } from '@cairn/chain';
import { createInnerOptimiser } from '@cairn/training';
import type { SimulatedJudge, SimulatedRun, SimulatedTrainer } from './simulate-run.ts';
import { batchAt, samplerOf, twinText } from './twin-data.ts';
import { createTwinLearner, twinTensors, twinWeights } from './twin-learner.ts';

/** AdamW as twin learners use it. */
export const TWIN_OPTIMISER = {
  adamw: { weightDecay: 0 },
  schedule: { kind: 'constant', peak: 1e-2, steps: 1 },
} as const;

/** So many honest trainers. */
export function honestTrainers(count: number): SimulatedTrainer[] {
  return Array.from({ length: count }, (_, index) => ({ name: `honest ${index}`, isHonest: true }));
}

/** A run of twin learners that takes seconds. */
export function aTwinRun(
  seed: number,
  options: Partial<SimulatedRun> & Pick<SimulatedRun, 'trainers'>,
): SimulatedRun {
  const text = twinText(seed, 20_000);
  return {
    engine: createTwinLearner(),
    crypto: createNativeCrypto(),
    weights: twinWeights(seed),
    codec: { kind: 'sparse', kept: 256 },
    decay: 0.95,
    rule: { kind: 'sparse', learningRate: 1 },
    steps: 15,
    rounds: 10,
    isReset: true,
    createOptimiser: () => createInnerOptimiser(TWIN_OPTIMISER, twinTensors()),
    sampler: (trainer, round) => samplerOf(text, trainer + 100 * seed, round),
    ...options,
  };
}

/** Judges twin runs by data that no trainer was given, and by the trainers' own. */
export function aTwinJudge(seed: number, rate: SimulatedJudge['rate']): SimulatedJudge {
  const text = twinText(seed, 20_000);
  return {
    rate,
    unseen: (round) => [batchAt(text, 77_777_777 + round, 64)],
    assigned: (trainer, round) => {
      const own = samplerOf(text, trainer + 100 * seed, round);
      return Array.from({ length: 8 }, (_, step) => own.batch(step) as ReturnType<typeof batchAt>);
    },
  };
}

/** Loss on text that no run is trained on. */
export function heldOutLoss(run: SimulatedRun, weights: SimulatedRun['weights']): Promise<number> {
  return run.engine.loss(weights, batchAt(twinText(4_242, 20_000), 5, 256));
}
