import type { TensorTable, TrainingBatch, TrainingEngine } from '@cairn/protocol';
import { aSequence } from './models.ts';

/**
 * Compares each gradient with the slope of the loss along it (and a little beside it), by central differences.
 *
 * @returns the relative error of each tensor
 */
export async function slopeErrors(
  engine: TrainingEngine,
  parameters: TensorTable,
  batch: TrainingBatch,
): Promise<Map<string, number>> {
  const { gradients } = await engine.step(parameters, batch);
  const copies = new Map([...gradients].map(([name, values]) => [name, values.slice()]));
  const next = aSequence(99);
  const errors = new Map<string, number>();
  for (const { name } of engine.tensors) {
    const gradient = copies.get(name)!;
    const largest = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const direction = Float64Array.from(gradient, (value) => value + (next() - 0.5) * 0.02 * largest);
    const length = Math.hypot(...direction);
    const expected = direction.reduce((sum, value, at) => sum + (value / length) * gradient[at]!, 0);
    const values = parameters.get(name)!;
    const saved = values.slice();
    const lossAt = async (step: number): Promise<number> => {
      values.set(saved.map((value, at) => value + (step * direction[at]!) / length));
      return await engine.loss(parameters, batch);
    };
    const step = 1e-2;
    const slope = ((await lossAt(step)) - (await lossAt(-step))) / (2 * step);
    values.set(saved);
    errors.set(name, Math.abs(slope - expected) / Math.max(1e-3, Math.abs(expected)));
  }
  return errors;
}
