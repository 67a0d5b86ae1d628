import { Worker } from 'node:worker_threads';
import type { TensorShape, TensorTable, TrainingBatch, TrainingEngine } from '@cairn/protocol';
import { TrainingError } from '../../errors.ts';
import { sizeOf } from '../model/tensors.ts';
import { checkTensors } from './check-batch.ts';
import type { ExactEngineOptions } from './exact.ts';
import type { ExactThreadData, ExactThreadJob, ExactThreadReply } from './exact-thread.ts';
import type { MemoryForecast } from './memory.ts';

export interface ExactEngineThread extends TrainingEngine {
  readonly inputs: readonly TensorShape[];
  readonly memory: MemoryForecast;
}

/**
 * The exact engine on a thread of its own, so that a process that serves goes on serving. Steps that are asked for
 * while one runs wait for it.
 *
 * @throws TrainingError PACKAGE_MISSING, MODEL_MALFORMED, MEMORY_TOO_LOW, ENGINE_FAILED
 */
export async function createExactEngineThread(options: ExactEngineOptions): Promise<ExactEngineThread> {
  const file = import.meta.url.endsWith('.ts') ? './exact-thread.ts' : './exact-thread.js';
  const workerData: ExactThreadData = { options };
  const worker = new Worker(new URL(file, import.meta.url), { workerData });
  const ready = await nextReply(worker).catch(async (error) => {
    await worker.terminate();
    throw error;
  });
  if (ready.kind !== 'ready') throw failed('it did not start');
  const { engineClass, tensors, inputs, memory } = ready;
  const parameters = sharedTable(inputs);
  const gradients = sharedTable(tensors);
  let last: Promise<unknown> = Promise.resolve();

  async function compute(want: 'step' | 'loss', given: TensorTable, batch: TrainingBatch): Promise<number> {
    checkTensors(given, inputs);
    for (const [name, values] of parameters) values.set(given.get(name)!);
    const reply = nextReply(worker);
    worker.postMessage({ want, parameters, gradients, batch } satisfies ExactThreadJob);
    const answer = await reply;
    if (answer.kind !== 'loss') throw failed('it answered something else than a loss');
    return answer.loss;
  }

  /** One at a time, in the order they were asked for: there is one place for parameters. */
  function queue(want: 'step' | 'loss', given: TensorTable, batch: TrainingBatch): Promise<number> {
    const turn = last.then(() => compute(want, given, batch));
    last = turn.catch(() => undefined);
    return turn;
  }

  return {
    ...{ engineClass, isExact: true, tensors, inputs, memory },
    step: async (given, batch) => ({ loss: await queue('step', given, batch), gradients }),
    loss: (given, batch) => queue('loss', given, batch),
    async [Symbol.asyncDispose]() {
      await last;
      await worker.terminate();
    },
  };
}

function sharedTable(tensors: readonly TensorShape[]): Map<string, Float32Array> {
  return new Map(
    tensors.map(({ name, shape }) => [name, new Float32Array(new SharedArrayBuffer(4 * sizeOf(shape)))]),
  );
}

function nextReply(worker: Worker): Promise<Exclude<ExactThreadReply, { kind: 'failed' }>> {
  return new Promise((resolve, reject) => {
    const listeners = {
      message: (reply: ExactThreadReply) => {
        stop();
        if (reply.kind !== 'failed') resolve(reply);
        else reject(reply.problem ? new TrainingError(reply.problem, reply.message) : failed(reply.message));
      },
      error: (cause: Error) => {
        stop();
        reject(failed(cause.message));
      },
      exit: () => {
        stop();
        reject(failed('its thread ended'));
      },
    };
    const stop = (): void => {
      for (const [event, listener] of Object.entries(listeners)) worker.off(event, listener);
    };
    for (const [event, listener] of Object.entries(listeners)) worker.on(event, listener);
  });
}

function failed(reason: string): TrainingError {
  return new TrainingError(
    { code: 'ENGINE_FAILED', engine: 'exact', reason },
    `The exact engine failed: ${reason}.`,
  );
}
