import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { TensorShape, TensorTable, TrainingBatch, TrainingEngine } from '@cairn/protocol';
import { TrainingError } from '../../errors.ts';
import { checkBatch, checkTensors } from '../engine/check-batch.ts';
import { type AdapterConfig, adapterTensors } from '../model/adapter.ts';
import { type BatchShape, checkModel, type ModelConfig } from '../model/model-config.ts';
import { countParameters, modelTensors, sizeOf } from '../model/tensors.ts';
import { type FramedAnswer, FramedProcessFailure, startFramedProcess } from './framed-process.ts';

export interface TorchEngineOptions extends BatchShape {
  readonly model: ModelConfig;
  readonly adapter?: AdapterConfig;
  /** A Python that has torch. @default 'python3' */
  readonly python?: string;
  /** Of all processes together. @default as many as the machine has */
  readonly threads?: number;
  /** @default 'cpu' */
  readonly device?: 'cpu' | 'cuda';
  /** bfloat16: the pass in halves, over parameters that stay floats. @default 'float32' */
  readonly precision?: 'float32' | 'bfloat16';
  /** The model is sharded over this many processes of this machine (FSDP); rows divide by it. @default 1 */
  readonly processes?: number;
}

export interface TorchEngine extends TrainingEngine {
  /** Every tensor a step needs: the trained ones, and with an adapter the frozen ones before them. */
  readonly inputs: readonly TensorShape[];
}

/** The same depth below the room in `src` and in `dist`. */
const WORKER = fileURLToPath(new URL('../../../python/cairn_torch_worker.py', import.meta.url));

/**
 * An engine on PyTorch, in a process of its own that ends with the engine.
 *
 * @throws TrainingError MODEL_MALFORMED; ENGINE_FAILED without Python or torch
 */
export async function createTorchEngine(options: TorchEngineOptions): Promise<TorchEngine> {
  const { model, adapter, rows, length, python = 'python3' } = options;
  const { device = 'cpu', precision = 'float32', processes = 1 } = options;
  const { threads = availableParallelism() } = options;
  checkModel(model, options);
  const base = modelTensors(model);
  const extra = adapter ? adapterTensors(model, adapter) : [];
  const inputs = [...base, ...extra];
  const trained = adapter ? extra : base;

  const worker = startFramedProcess({
    program: python,
    args: ['-u', WORKER],
    maxBytes: 4 * countParameters(trained),
  });
  const ask = async (...message: Parameters<typeof worker.ask>): Promise<FramedAnswer> => {
    try {
      return accepted(await worker.ask(...message));
    } catch (cause) {
      throw cause instanceof FramedProcessFailure ? failed(cause.message, cause) : cause;
    }
  };
  const open = async (): Promise<{ order: string[]; trainedOrder: string[]; version: string }> => {
    const { header } = await ask({
      ...{ do: 'open', model, rows, length, threads, device, precision, processes },
      ...(adapter ? { adapter } : {}),
    });
    const order = (header.tensors as [string, number[]][]).map(([name]) => name);
    checkTable(header.tensors as [string, number[]][], inputs);
    return { order, trainedOrder: header.trained as string[], version: String(header.torch) };
  };
  const { order, trainedOrder, version } = await open().catch(async (error) => {
    await worker[Symbol.asyncDispose]();
    throw error;
  });
  const shapes = new Map(inputs.map((tensor) => [tensor.name, tensor]));

  const compute = async (
    what: 'step' | 'loss',
    parameters: TensorTable,
    batch: TrainingBatch,
  ): Promise<FramedAnswer & { loss: number }> => {
    checkBatch(batch, options, model.vocab);
    checkTensors(parameters, inputs);
    const tables = order.map((name) => parameters.get(name)!);
    const answer = await ask({ do: what }, [...tables, batch.ids, batch.targets, batch.weights]);
    const { loss } = answer.header;
    return { ...answer, loss: loss === null ? Number.NaN : Number(loss) };
  };

  return {
    engineClass: [
      ...['torch', version, device, precision, `threads=${threads}`, `processes=${processes}`],
      `${rows}x${length}`,
    ].join('/'),
    isExact: false,
    tensors: trained,
    inputs,
    async step(parameters, batch) {
      const { loss, bytes } = await compute('step', parameters, batch);
      return { loss, gradients: cut(bytes, trainedOrder, shapes, trained) };
    },
    loss: async (parameters, batch) => (await compute('loss', parameters, batch)).loss,
    [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose](),
  };
}

/** The worker's tensors in its order, as a table in ours. */
function cut(
  bytes: Uint8Array<ArrayBuffer>,
  order: readonly string[],
  shapes: ReadonlyMap<string, TensorShape>,
  trained: readonly TensorShape[],
): Map<string, Float32Array> {
  const found = new Map<string, Float32Array>();
  let at = 0;
  for (const name of order) {
    const size = sizeOf(shapes.get(name)!.shape);
    found.set(name, new Float32Array(bytes.buffer, at, size));
    at += 4 * size;
  }
  return new Map(trained.map(({ name }) => [name, found.get(name)!]));
}

function checkTable(table: readonly [string, number[]][], inputs: readonly TensorShape[]): void {
  const textOf = (name: string, shape: readonly number[]): string => `${name} ${shape.join('×')}`;
  const expected = inputs.map(({ name, shape }) => textOf(name, shape)).sort();
  const found = table.map(([name, shape]) => textOf(name, shape)).sort();
  const at = expected.findIndex((text, index) => text !== found[index]);
  if (at >= 0 || found.length !== expected.length)
    throw failed(`its model has ${found[at] ?? 'more tensors'} where ${expected[at] ?? 'none'} is expected`);
}

function accepted(answer: FramedAnswer): FramedAnswer {
  if (answer.header.ok !== true) throw failed(String(answer.header.reason));
  return answer;
}

function failed(reason: string, cause?: unknown): TrainingError {
  return new TrainingError(
    { code: 'ENGINE_FAILED', engine: 'torch', reason },
    `The torch engine failed: ${reason}. It needs a Python with PyTorch: pip install torch.`,
    { cause },
  );
}
