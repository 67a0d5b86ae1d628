import { createNativeCrypto } from '@cairn/chain';
import type { TensorTable, TrainingBatch, TrainingEngine } from '@cairn/protocol';
import {
  type AdamwOptions,
  createAdamw,
  createInitialWeights,
  learningRateAt,
  type ModelConfig,
  type OrtEngine,
  type ScheduleOptions,
} from '@cairn/training';
import { createNativeEngine } from '@cairn/training/node';
import type { BatchSize, CharacterText } from './characters.ts';

/** What is trained, on what, and how. */
export interface Learner {
  readonly text: CharacterText;
  readonly model: Omit<ModelConfig, 'vocab'>;
  readonly batch: BatchSize;
  readonly optimiser: { readonly adamw: AdamwOptions; readonly schedule: ScheduleOptions };
}

/** An engine for the batches of a learner. */
export function openEngine({ text, model, batch }: Learner, threads: number): Promise<OrtEngine> {
  return createNativeEngine({ model: { ...model, vocab: text.vocab }, ...batch, threads });
}

export function firstWeights(engine: TrainingEngine, seed: number): TensorTable {
  return createInitialWeights(createNativeCrypto(), Uint8Array.of(seed), engine.tensors);
}

/**
 * One trainer without rounds. Several batches of a step make one gradient, their mean, as machines do that exchange
 * gradients in every step.
 */
export async function trainAlone(
  engine: TrainingEngine,
  { adamw, schedule }: Learner['optimiser'],
  weights: TensorTable,
  batches: (step: number) => readonly TrainingBatch[],
  onStep: (step: number, loss: number) => void,
): Promise<TensorTable> {
  const parameters = new Map(Array.from(weights, ([name, values]) => [name, values.slice()]));
  const optimiser = createAdamw(engine.tensors, adamw);
  for (let step = 0; step < schedule.steps; step += 1) {
    const all = batches(step);
    let mean: Map<string, Float32Array> | null = null;
    let loss = 0;
    for (const batch of all) {
      const made = await engine.step(parameters, batch);
      loss += made.loss / all.length;
      mean = addTo(mean, made.gradients, 1 / all.length);
    }
    optimiser.update(parameters, mean!, learningRateAt(schedule, step));
    onStep(step, loss);
  }
  return parameters;
}

function addTo(
  sum: Map<string, Float32Array> | null,
  gradients: TensorTable,
  share: number,
): Map<string, Float32Array> {
  const result =
    sum ?? new Map(Array.from(gradients, ([name, { length }]) => [name, new Float32Array(length)]));
  for (const [name, values] of result) {
    const gradient = gradients.get(name)!;
    for (let i = 0; i < values.length; i += 1) values[i]! += share * gradient[i]!;
  }
  return result;
}
