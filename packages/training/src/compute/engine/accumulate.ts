import type { TrainingBatch, TrainingEngine, TrainingStep } from '@cairn/protocol';
import { TrainingError } from '../../errors.ts';
import type { BatchShape } from '../model/model-config.ts';
import { sizeOf } from '../model/tensors.ts';

export interface AccumulationOptions {
  /** What the engine takes at a time. */
  readonly micro: BatchShape;
  /** Micro-batches of one batch. */
  readonly count: number;
}

/**
 * An engine whose batches are `count` times as many rows, computed a micro-batch at a time: the memory of one, and the
 * gradient of all. Gradients are added in the order of the rows, so that the same engine makes the same bits.
 */
export function accumulateGradients(engine: TrainingEngine, options: AccumulationOptions): TrainingEngine {
  const { micro, count } = options;
  const sums = new Map(engine.tensors.map(({ name, shape }) => [name, new Float32Array(sizeOf(shape))]));
  return {
    engineClass: `${engine.engineClass}/accumulated=${count}`,
    isExact: engine.isExact,
    tensors: engine.tensors,
    async step(parameters, batch): Promise<TrainingStep> {
      for (const values of sums.values()) values.fill(0);
      let loss = 0;
      for (const { part, share } of cutBatch(batch, options)) {
        const step = await engine.step(parameters, part);
        loss += share * step.loss;
        for (const [name, values] of step.gradients) addScaled(sums.get(name)!, values, share);
      }
      return { loss, gradients: sums };
    },
    async loss(parameters, batch) {
      let loss = 0;
      for (const { part, share } of cutBatch(batch, options))
        loss += share * (await engine.loss(parameters, part));
      return loss;
    },
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };

  function addScaled(sum: Float32Array, values: Float32Array, share: number): void {
    for (let at = 0; at < sum.length; at += 1) sum[at] = sum[at]! + share * values[at]!;
  }

  /** The micro-batches that have a weight, each with its share of all weights. */
  function cutBatch(batch: TrainingBatch, { micro: { rows, length } }: AccumulationOptions) {
    checkShape(batch);
    const total = sum(batch.weights);
    if (total === 0) malformed('all its weights are zero, so that it has no loss');
    const positions = rows * length;
    return Array.from({ length: count }, (_, at) => {
      const cut = <T extends Int32Array | Float32Array>(values: T): T =>
        values.subarray(at * positions, (at + 1) * positions) as T;
      const weights = cut(batch.weights);
      const part = { rows, length, ids: cut(batch.ids), targets: cut(batch.targets), weights };
      return { part, share: sum(weights) / total };
    }).filter(({ share }) => share !== 0);
  }

  function checkShape({ rows, length, ids, targets, weights }: TrainingBatch): void {
    const wanted = count * micro.rows;
    if (rows !== wanted || length !== micro.length)
      malformed(`it has ${rows} × ${length} positions and the engine takes ${wanted} × ${micro.length}`);
    for (const values of [ids, targets, weights]) {
      if (values.length !== rows * length) malformed(`it has not ${rows * length} entries everywhere`);
    }
  }
}

function sum(values: Float32Array): number {
  return values.reduce((so, value) => so + value, 0);
}

function malformed(reason: string): never {
  throw new TrainingError({ code: 'BATCH_MALFORMED', reason }, `The batch cannot be used: ${reason}.`);
}
