import type { RunManifest } from '@cairn/protocol';
import { forecastMemory, type MemoryForecast, memoryTooLow } from '../compute/engine/memory.ts';
import type { BatchShape, ModelConfig } from '../compute/model/model-config.ts';
import { buildModelGraph } from '../compute/model/model-graph.ts';

/** Weights of so many rounds are kept in memory: those of the open round, before and after, and of cases. */
export const KEPT_STATES = 6;

/**
 * What training a model at a batch shape takes, in bytes, before anything is started.
 *
 * @throws TrainingError `MODEL_MALFORMED`
 */
export function forecastTraining(model: ModelConfig, batch: BatchShape): MemoryForecast {
  const { graph, inputs, trained } = buildModelGraph({ model, ...batch, purpose: 'gradients' });
  return forecastMemory({ nodes: graph.model().nodes, inputs, trained, provider: 'cpu' });
}

/** What a trainer of a run takes, in bytes. `total` includes `kept`. */
export interface TrainerForecast extends MemoryForecast {
  /** Weights of earlier rounds, what an update is made of, and the state that is hashed for a trace. */
  readonly kept: number;
}

/** Copies of the weights that are there while an update is made: those that train, their progress, the change. */
const COPIES = 3;

/** Weights and both moments of the state that is hashed for a trace: with the thread that hashes, or copied for it. */
const HASHED_STATE = 3;

/** Both moments as they were read in, and as they are kept for the next round: beside those of the optimiser. */
const KEPT_MOMENTS = 4;

/**
 * What training in a run takes, in bytes, before anything of it is fetched.
 *
 * @throws TrainingError `MODEL_MALFORMED`
 */
export function forecastTrainer({ model, batch, inner, outer, engine: kind }: RunManifest): TrainerForecast {
  const engine = forecastTraining(model, batch);
  const tables = outer.type === 'dense' ? 2 : 1;
  const hashed = kind === 'exact' ? HASHED_STATE : 0;
  const moments = inner.keepsMoments === true ? KEPT_MOMENTS : 0;
  const kept = (KEPT_STATES * tables + COPIES + hashed + moments) * engine.parameters;
  return { ...engine, kept, total: engine.total + kept };
}

export interface MemoryAtHand {
  /** What may be used, in bytes. */
  readonly freeBytes: number;
  /** Whether what is computed between weights and gradients lies on a device of its own. */
  readonly isOnDevice: boolean;
}

/**
 * Refuses a run that does not fit, before anything of it is fetched or bonded.
 *
 * @throws TrainingError `MEMORY_TOO_LOW` with what is needed, what is free and what to do
 */
export function checkTrainerMemory(manifest: RunManifest, { freeBytes, isOnDevice }: MemoryAtHand): void {
  const forecast = forecastTrainer(manifest);
  const here = isOnDevice
    ? { ...forecast, activations: 0, total: forecast.total - forecast.activations }
    : forecast;
  if (here.total > freeBytes)
    throw memoryTooLow(
      here,
      freeBytes,
      'Nothing was bonded. Close other programs or use a machine with more memory; to try all the same, join with --ignore-memory (setting trainingMemory: ignore).',
    );
}
