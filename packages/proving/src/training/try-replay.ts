import type { Crypto } from '@cairn/core';
import type { TrainingEngine } from '@cairn/protocol';
import {
  createStateHasher,
  type InnerOptimiser,
  type ReplayVerdict,
  type RoundProgress,
  type RoundSampler,
  replayStep,
  type ShownStep,
  traceProof,
  traceRoot,
  trainRound,
} from '@cairn/training';

export interface ReplayTrial {
  readonly engine: TrainingEngine;
  /** The validator's own; it may be another machine's or the same. */
  readonly validator: TrainingEngine;
  readonly createOptimiser: () => InnerOptimiser;
  readonly sampler: RoundSampler;
  readonly base: ReadonlyMap<string, Float32Array>;
  readonly crypto: Crypto;
  readonly steps: number;
  /** The step that is doubted. */
  readonly doubted: number;
  /** What a cheat does to the weights before the doubted step is made and hashed. */
  readonly alter?: (step: number, gradients: ReadonlyMap<string, Float32Array>) => void;
}

const turn = async (): Promise<void> => {};

/** A trainer's round and a validator's replay of one step of it, with everything that goes between them. */
export async function tryReplay(trial: ReplayTrial): Promise<ReplayVerdict> {
  const { crypto, steps, doubted, base } = trial;
  const digest = (bytes: Uint8Array): Uint8Array => crypto.sha256(bytes);
  const { progress } = await trainRound(
    {
      engine: trial.alter === undefined ? trial.engine : alteredEngine(trial.engine, trial.alter),
      optimiser: trial.createOptimiser(),
      sampler: trial.sampler,
      clock: { nowMs: () => 0 },
      turn,
      hasher: createStateHasher(digest),
    },
    { round: 0, base, steps, stepsBefore: 0, isReset: true },
  );
  return replayStep(
    {
      engine: trial.validator,
      optimiser: trial.createOptimiser(),
      sampler: trial.sampler,
      digest,
      crypto,
      turn,
    },
    { traceRoot: traceRoot(crypto, progress.leaves), steps, step: doubted, stepsBefore: 0 },
    base,
    showStep(crypto, progress, doubted),
  );
}

/** What a trainer shows of a step when it is asked. */
export function showStep(crypto: Crypto, { leaves }: RoundProgress, step: number): ShownStep {
  return {
    before: leaves[step]!,
    beforeProof: traceProof(crypto, leaves, step),
    after: leaves[step + 1]!,
    afterProof: traceProof(crypto, leaves, step + 1),
  };
}

function alteredEngine(engine: TrainingEngine, alter: NonNullable<ReplayTrial['alter']>): TrainingEngine {
  let step = 0;
  return {
    engineClass: engine.engineClass,
    isExact: engine.isExact,
    tensors: engine.tensors,
    loss: (...input) => engine.loss(...input),
    async step(...input) {
      const made = await engine.step(...input);
      alter(step++, made.gradients);
      return made;
    },
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}
