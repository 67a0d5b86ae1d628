import type { TrainingEngine } from '@cairn/protocol';
import { type AdapterConfig, adapterTensors, type ModelConfig, modelTensors } from '@cairn/training';
import type { TrainingEngineCase } from '../../../protocol/test/ports/training-engine-compliance.ts';
import { someBatch, someTensors } from './models.ts';

export interface EngineCaseOptions {
  readonly model: ModelConfig;
  readonly rows: number;
  readonly length: number;
  readonly adapter?: AdapterConfig;
}

/** What the compliance suite asks an engine of ours with. */
export function anEngineCase(engine: TrainingEngine, options: EngineCaseOptions): TrainingEngineCase {
  const { model, adapter } = options;
  const tensors = [...modelTensors(model), ...(adapter ? adapterTensors(model, adapter) : [])];
  return {
    engine,
    parameters: someTensors(tensors, 13, 0.3),
    batch: (seed) => someBatch({ ...options, vocab: model.vocab }, { seed }),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}
