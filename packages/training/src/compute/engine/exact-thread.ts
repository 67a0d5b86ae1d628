import { parentPort, workerData } from 'node:worker_threads';
import type { TensorShape, TrainingBatch } from '@cairn/protocol';
import { TrainingError } from '../../errors.ts';
import { createExactEngine, type ExactEngineOptions } from './exact.ts';
import { loadExactParts } from './exact-node.ts';
import type { MemoryForecast } from './memory.ts';

/** What the thread is started with. */
export interface ExactThreadData {
  readonly options: ExactEngineOptions;
}

export interface ExactThreadJob {
  readonly want: 'step' | 'loss';
  /** Shared with the caller, by name. */
  readonly parameters: ReadonlyMap<string, Float32Array>;
  readonly gradients: ReadonlyMap<string, Float32Array>;
  readonly batch: TrainingBatch;
}

export type ExactThreadReply =
  | {
      readonly kind: 'ready';
      readonly engineClass: string;
      readonly tensors: readonly TensorShape[];
      readonly inputs: readonly TensorShape[];
      readonly memory: MemoryForecast;
    }
  | { readonly kind: 'loss'; readonly loss: number }
  | { readonly kind: 'failed'; readonly problem: TrainingError['problem'] | null; readonly message: string };

const port = parentPort!;

function say(reply: ExactThreadReply): void {
  port.postMessage(reply);
}

function fail(cause: unknown): void {
  const problem = cause instanceof TrainingError ? cause.problem : null;
  say({ kind: 'failed', problem, message: cause instanceof Error ? cause.message : String(cause) });
}

try {
  const { options } = workerData as ExactThreadData;
  const engine = await createExactEngine(await loadExactParts(), options);
  const { engineClass, tensors, inputs, memory } = engine;
  port.on('message', ({ want, parameters, gradients, batch }: ExactThreadJob) => {
    const work = async (): Promise<number> => {
      if (want === 'loss') return await engine.loss(parameters, batch);
      const step = await engine.step(parameters, batch);
      for (const [name, values] of step.gradients) gradients.get(name)!.set(values);
      return step.loss;
    };
    work().then((loss) => say({ kind: 'loss', loss }), fail);
  });
  say({ kind: 'ready', engineClass, tensors, inputs, memory });
} catch (cause) {
  fail(cause);
}
