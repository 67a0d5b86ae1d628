import type { Clock } from '@cairn/core';
import type { TensorTable, TrainingBatch, TrainingEngine } from '@cairn/protocol';
import { TrainingError } from '../errors.ts';
import { type AdamwOptions, createAdamw } from '../optimise/adamw.ts';
import { learningRateAt } from '../optimise/schedule.ts';

export interface LocalTrainerParts {
  readonly engine: TrainingEngine;
  /** The batch of a step, counted from 0. */
  readonly batch: (step: number) => Promise<TrainingBatch>;
  readonly clock: Clock;
}

export interface LocalTrainerOptions {
  /** Everything the engine needs. The trained tensors are changed in place. */
  readonly parameters: TensorTable;
  readonly adamw?: AdamwOptions;
  readonly schedule: 'cosine' | 'wsd' | 'constant';
  /** The highest learning rate. */
  readonly learningRate: number;
  /** The last learning rate, as a share of the highest. */
  readonly minimum: number;
  readonly warmup: number;
  /** It is done after so many steps. */
  readonly steps: number;
  /** It is also done after so long, over all its sessions; the schedule then goes by time. */
  readonly limitMs?: number;
}

/** Where training on one machine stands: enough to go on later. */
export interface LocalProgress {
  readonly step: number;
  /** Time spent in steps. */
  readonly elapsedMs: number;
  /** The trained tensors, and the optimiser's two moments of each. */
  readonly parameters: TensorTable;
  readonly first: TensorTable;
  readonly second: TensorTable;
}

export interface LocalTrainer {
  /** From 0 to 1. */
  readonly share: number;
  /** One step; returns its loss in nats per token. @throws TrainingError `UPDATE_NOT_FINITE` */
  step(): Promise<number>;
  /** A view of where it stands: write it out before the next step. */
  progress(): LocalProgress;
}

/** Parts of the schedule: finer than any run has steps. */
const PARTS = 1_000_000;

/**
 * Training on one machine, without rounds or peers: for small models and personal adapters.
 *
 * @param from where an earlier session stopped.
 */
export function createLocalTrainer(
  { engine, batch, clock }: LocalTrainerParts,
  options: LocalTrainerOptions,
  from?: LocalProgress,
): LocalTrainer {
  const { parameters, steps, limitMs, warmup } = options;
  const optimiser = createAdamw(engine.tensors, options.adamw);
  let step = from?.step ?? 0;
  let elapsedMs = from?.elapsedMs ?? 0;
  if (from !== undefined) {
    for (const { name } of engine.tensors) parameters.get(name)!.set(from.parameters.get(name)!);
    optimiser.restore({ first: from.first, second: from.second }, from.step);
  }
  const share = () => Math.min(1, Math.max(step / steps, limitMs === undefined ? 0 : elapsedMs / limitMs));
  const rate = (): number => {
    const { schedule: kind, learningRate: peak, minimum } = options;
    const falling = learningRateAt({ kind, peak, minimum, steps: PARTS }, Math.floor(share() * PARTS));
    return falling * Math.min(1, (step + 1) / Math.max(1, warmup));
  };
  return {
    get share() {
      return share();
    },
    async step() {
      const started = clock.nowMs();
      const { loss, gradients } = await engine.step(parameters, await batch(step));
      if (!Number.isFinite(loss))
        throw new TrainingError(
          { code: 'UPDATE_NOT_FINITE', tensor: 'loss' },
          `The loss of step ${step} is ${loss}. Lower the learning rate, or go on from an earlier checkpoint.`,
        );
      optimiser.update(parameters, gradients, rate());
      step += 1;
      elapsedMs += Math.max(0, clock.nowMs() - started);
      return loss;
    },
    progress: () => ({
      step,
      elapsedMs,
      parameters: new Map(engine.tensors.map(({ name }) => [name, parameters.get(name)!])),
      ...optimiser.moments,
    }),
  };
}
