import { createNativeCrypto } from '@cairn/chain';
import type { TensorTable, TrainingBatch, TrainingEngine } from '@cairn/protocol';
import { createInnerOptimiser, type OuterRule, type RateSkills, type UpdateCodec } from '@cairn/training';
import { type SimulatedOutcome, type SimulatedTrainer, simulateRun } from '../../training/simulate-run.ts';
import { randomBatch } from './characters.ts';
import type { Learner } from './learner.ts';

/** How several train together. */
export interface Together {
  readonly trainers: readonly SimulatedTrainer[];
  /** Inner steps of a round (H). */
  readonly innerSteps: number;
  readonly codec: UpdateCodec;
  readonly rule: OuterRule;
  readonly decay: number;
  readonly isReset: boolean;
  /** Whether each update is cut to the median length of its round. @default true */
  readonly isClipped?: boolean;
  /** Scores updates and leaves out harmful ones. */
  readonly rate?: RateSkills;
}

/**
 * Dense DiLoCo: Nesterov's outer step, shorter in memory than published (0.7 and 0.9), since rounds of few steps come
 * often: of the two that were tried, the better.
 */
export const DILOCO: Pick<Together, 'codec' | 'rule' | 'decay'> = {
  codec: { kind: 'dense' },
  rule: { kind: 'dense', learningRate: 0.9, momentum: 0.8 },
  decay: 0,
};

/**
 * SparseLoCo with so many values of a block of 4,096. Its outer step is longer than the published 1: of 0.8, 1, 1.25
 * and 1.6 the longest was best in 100 rounds.
 */
export function sparseLoCo(kept: number): Pick<Together, 'codec' | 'rule' | 'decay'> {
  return {
    codec: { kind: 'sparse', kept },
    rule: { kind: 'sparse', learningRate: 1.6 },
    decay: 0.95,
  };
}

/** Batches that validators draw after the updates were committed, as many as real ones take of 256 tokens each. */
const UNSEEN_BATCHES = 8;
const SLOPE_BATCHES = 16;
/** Batches of its sender's data that an update is tried on. */
const OWN_BATCHES = 2;

/** Batch of a trainer at a step of the run: no two are alike, and every seed has its own. */
export function batchOf(learner: Learner, seed: number, trainer: number, step: number): TrainingBatch {
  return randomBatch(learner.text.training, seed * 100_000_007 + trainer * 1_000_003 + step, learner.batch);
}

/** Rounds until the schedule's steps are made; tells of the steps of each trainer, round by round. */
export function trainTogether(
  engine: TrainingEngine,
  learner: Learner,
  weights: TensorTable,
  { trainers, innerSteps, rate, ...how }: Together,
  seed: number,
  onProgress: (steps: number, total: number) => void,
): Promise<SimulatedOutcome> {
  const rounds = Math.ceil(learner.optimiser.schedule.steps / innerSteps);
  onProgress(0, rounds * innerSteps);
  const sampler = (trainer: number, round: number) => ({
    batch: (step: number) => batchOf(learner, seed, trainer, round * innerSteps + step),
  });
  const drawn = (round: number) => (index: number) => batchOf(learner, seed, 900 + index, round);
  return simulateRun({
    ...how,
    engine,
    crypto: createNativeCrypto(),
    weights,
    steps: innerSteps,
    rounds,
    trainers,
    createOptimiser: () => createInnerOptimiser(learner.optimiser, engine.tensors),
    sampler,
    ...(rate === undefined
      ? {}
      : {
          judge: {
            rate,
            unseen: (round) => several(UNSEEN_BATCHES, drawn(round)),
            slope: (round) => several(SLOPE_BATCHES, drawn(round)),
            assigned: (trainer, round) => several(OWN_BATCHES, sampler(trainer, round).batch),
          },
        }),
    onRound: (round, _, losses) => {
      onProgress((round + 1) * innerSteps, rounds * innerSteps);
      // A run whose losses are no numbers cannot get better.
      return losses.length === 0 || losses.every((loss) => loss < 100);
    },
  });
}

function several(count: number, batch: (index: number) => TrainingBatch): TrainingBatch[] {
  return Array.from({ length: count }, (_, index) => batch(index));
}
