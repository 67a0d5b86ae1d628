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

/** The same with one engine for all that ask, for engines that take long to start. `close` ends it. */
export function sharedEngineCase(open: () => Promise<TrainingEngine>, options: EngineCaseOptions) {
  let opening: Promise<TrainingEngine> | null = null;
  return {
    async make(): Promise<TrainingEngineCase> {
      opening ??= open();
      const keepOpen = async (): Promise<void> => undefined;
      return { ...anEngineCase(await opening, options), [Symbol.asyncDispose]: keepOpen };
    },
    close: async (): Promise<void> => await (await opening)?.[Symbol.asyncDispose](),
  };
}
