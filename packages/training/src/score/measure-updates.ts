import type { TensorShape, TensorTable, TrainingBatch, TrainingEngine } from '@cairn/protocol';
import { stepOuter } from '../aggregate/outer-step.ts';
import { sizeOf } from '../update/change.ts';
import type { Update } from '../update/format.ts';
import { aimOf } from './aim.ts';
import { clippedUnits } from './clipped-units.ts';

/** Share of the outer step that a single update is tried with. */
const TRIAL_SHARE = 0.2;

export interface MeasureTask {
  readonly table: readonly TensorShape[];
  /** Before the round. */
  readonly weights: TensorTable;
  /** Of the outer rule (α). */
  readonly learningRate: number;
  readonly updates: readonly Update[];
  /** Batches that were assigned to the sender of each update. */
  readonly assigned: readonly (readonly TrainingBatch[])[];
  /** Batches that nobody could know before the updates were committed; every validator draws the same ones. */
  readonly unseen: readonly TrainingBatch[];
  /** Data that nobody could know either, and more of it, whose slope tells updates from noise. @default `unseen` */
  readonly slope?: readonly TrainingBatch[];
}

/** By what share of itself the loss falls when an update alone is tried; negative when it rises. */
export interface Improvement {
  readonly assigned: number;
  readonly unseen: number;
  /** How much better it points to a lower loss on unseen data than chance would, in standard deviations. */
  readonly aim: number;
}

/**
 * Tries each update of a round alone, with a fifth of the outer step, on its sender's data and on data nobody knew.
 * Computed are a step for each batch of the slope, a loss for each unseen one, and for each update a loss of each unseen
 * batch and two of each of its own.
 *
 * @see Gauntlet, Lidin et al. 2025
 */
export async function measureUpdates(
  engine: Pick<TrainingEngine, 'step' | 'loss'>,
  { table, weights, learningRate, updates, assigned, unseen, slope: steep = unseen }: MeasureTask,
): Promise<Improvement[]> {
  const rule = { kind: 'sparse', learningRate: learningRate * TRIAL_SHARE } as const;
  const unseenBefore = await meanLoss(engine, weights, unseen);
  const slope = await slopeOf(engine, table, weights, steep);
  const improvements: Improvement[] = [];
  let index = 0;
  for (const units of clippedUnits(table, updates)) {
    const own = assigned[index++]!;
    const after = stepOuter(table, rule, { weights, momentum: new Map() }, units).weights;
    const ownBefore = await meanLoss(engine, weights, own);
    improvements.push({
      assigned: share(ownBefore, await meanLoss(engine, after, own)),
      unseen: share(unseenBefore, await meanLoss(engine, after, unseen)),
      aim: aimOf(slope, units),
    });
  }
  return improvements;
}

function share(before: number, after: number): number {
  return Number.isFinite(after) ? (before - after) / before : -Infinity;
}

/** The gradients of all batches together. Added in their order: one engine makes the same bits again. */
async function slopeOf(
  engine: Pick<TrainingEngine, 'step'>,
  table: readonly TensorShape[],
  weights: TensorTable,
  batches: readonly TrainingBatch[],
): Promise<TensorTable> {
  const slope = new Map(table.map((shape) => [shape.name, new Float32Array(sizeOf(shape))]));
  for (const batch of batches) {
    const { gradients } = await engine.step(weights, batch);
    for (const [name, sum] of slope) {
      const values = gradients.get(name)!;
      for (let i = 0; i < sum.length; i += 1) sum[i] = sum[i]! + values[i]!;
    }
  }
  return slope;
}

async function meanLoss(
  engine: Pick<TrainingEngine, 'loss'>,
  weights: TensorTable,
  batches: readonly TrainingBatch[],
): Promise<number> {
  let sum = 0;
  for (const batch of batches) sum += await engine.loss(weights, batch);
  return sum / batches.length;
}
