import type { TensorShape, TensorTable, TrainingBatch, TrainingEngine, TrainingStep } from '@cairn/protocol';
import { TrainingError } from '../../errors.ts';
import type { AdapterConfig } from '../model/adapter.ts';
import type { BatchShape, ModelConfig } from '../model/model-config.ts';
import { buildModelGraph, type GraphPurpose, gradientName } from '../model/model-graph.ts';
import { sizeOf } from '../model/tensors.ts';
import { checkBatch, checkTensors } from './check-batch.ts';
import { checkMemory, forecastMemory, type MemoryForecast } from './memory.ts';
import type { OrtModule, OrtSession, OrtSessionOptions, OrtTensor } from './ort-module.ts';

export interface OrtEngineParts {
  /** `onnxruntime-node`, or `onnxruntime-web` (its `webgpu` entry for that provider). */
  readonly ort: OrtModule;
  /** Memory that may be used, in bytes. Without it the forecast is made and not held against anything. */
  freeBytes?(): number;
}

export interface OrtEngineOptions extends BatchShape {
  readonly model: ModelConfig;
  readonly adapter?: AdapterConfig;
  /**
   * The execution provider, by ONNX Runtime's name: `cpu`, `cuda`, `coreml`, `dml`, … in Node; `wasm` or `webgpu` in
   * browsers.
   */
  readonly provider: string;
  /** @default 1 */
  readonly threads?: number;
  /** @default 'all' */
  readonly optimisation?: 'disabled' | 'basic' | 'extended' | 'all';
}

/** An engine on ONNX Runtime. */
export interface OrtEngine extends TrainingEngine {
  /** Every tensor a step needs: the trained ones, and with an adapter the frozen ones before them. */
  readonly inputs: readonly TensorShape[];
  readonly memory: MemoryForecast;
  /** Scores of every next token. Shape [rows · length, vocabulary]. */
  logits(parameters: TensorTable, ids: Int32Array): Promise<Float32Array>;
}

/**
 * An engine that computes gradients with a graph of plain ONNX operators. Sessions for the loss alone and for logits
 * are made when they are first asked for.
 *
 * @throws TrainingError MODEL_MALFORMED, MEMORY_TOO_LOW, ENGINE_FAILED
 */
export async function createOrtEngine(parts: OrtEngineParts, options: OrtEngineOptions): Promise<OrtEngine> {
  const { ort } = parts;
  const { model, rows, length, provider, threads = 1, optimisation = 'all' } = options;
  const { graph, inputs, trained } = buildModelGraph({ ...options, purpose: 'gradients' });
  const memory = forecastMemory({ nodes: graph.model().nodes, inputs, trained, provider });
  if (parts.freeBytes) checkMemory(memory, parts.freeBytes());

  const sessionOptions = sessionOptionsOf({ provider, threads, optimisation });
  const session = (purpose: GraphPurpose): Promise<OrtSession> =>
    openSession(ort, purpose === 'gradients' ? graph.encode() : encode(options, purpose), sessionOptions);
  const sessions = new Map<GraphPurpose, Promise<OrtSession>>([['gradients', session('gradients')]]);
  const sessionFor = (purpose: GraphPurpose): Promise<OrtSession> => {
    const open = sessions.get(purpose) ?? session(purpose);
    sessions.set(purpose, open);
    return open;
  };
  await sessionFor('gradients');

  const feeds = createFeeds(ort, inputs);
  const gradients = new Map(trained.map(({ name, shape }) => [name, new Float32Array(sizeOf(shape))]));
  // Native sessions write into arrays that are there already; those of wasm and WebGPU hand out their own.
  const isInPlace = provider !== 'wasm' && provider !== 'webgpu';
  const places = isInPlace ? placesOf(ort, trained, gradients) : null;

  async function run(purpose: GraphPurpose, named: Record<string, OrtTensor>, into?: typeof places) {
    const open = await sessionFor(purpose);
    try {
      return into ? await open.run(named, into) : await open.run(named);
    } catch (cause) {
      throw failed(provider, cause);
    }
  }

  function feedsOf(parameters: TensorTable, batch: TrainingBatch): Record<string, OrtTensor> {
    checkBatch(batch, options, model.vocab);
    checkTensors(parameters, inputs);
    const flat = [rows * length];
    return {
      ...feeds(parameters),
      ids: new ort.Tensor('int32', batch.ids, flat),
      targets: new ort.Tensor('int32', batch.targets, flat),
      weights: new ort.Tensor('float32', batch.weights, flat),
    };
  }

  return {
    engineClass: [
      ...['ort', ort.env.versions.common, provider, `threads=${threads}`, optimisation],
      `${rows}x${length}`,
    ].join('/'),
    isExact: false,
    tensors: trained,
    inputs,
    memory,
    async step(parameters, batch): Promise<TrainingStep> {
      const results = await run('gradients', feedsOf(parameters, batch), places);
      if (!places) {
        for (const { name } of trained)
          gradients.set(name, results[gradientName(name)]!.data as Float32Array<ArrayBuffer>);
      }
      return { loss: scalarOf(results.loss!), gradients };
    },
    async loss(parameters, batch) {
      return scalarOf((await run('loss', feedsOf(parameters, batch))).loss!);
    },
    async logits(parameters, ids) {
      const positions = rows * length;
      checkBatch(
        { rows, length, ids, targets: ids, weights: new Float32Array(positions).fill(1) },
        options,
        model.vocab,
      );
      checkTensors(parameters, inputs);
      const named = { ...feeds(parameters), ids: new ort.Tensor('int32', ids, [positions]) };
      return (await run('logits', named)).logits!.data as Float32Array;
    },
    async [Symbol.asyncDispose]() {
      for (const open of sessions.values()) await (await open).release();
      sessions.clear();
    },
  };
}

function encode(options: OrtEngineOptions, purpose: GraphPurpose): Uint8Array {
  return buildModelGraph({ ...options, purpose }).graph.encode();
}

function sessionOptionsOf({
  provider,
  threads,
  optimisation,
}: Required<Pick<OrtEngineOptions, 'provider' | 'threads' | 'optimisation'>>): OrtSessionOptions {
  return {
    executionProviders: [provider],
    graphOptimizationLevel: optimisation,
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // Planned ahead, all activations lie in one block that grows by doubling: a third more memory, and no less time.
    enableMemPattern: false,
    logSeverityLevel: 3,
    // Threads spin between two operators, where waking them costs as much processor and more time, and not between runs,
    // where they would take it from everybody else.
    extra: { session: { intra_op: { allow_spinning: '1' }, force_spinning_stop: '1' } },
  };
}

async function openSession(
  ort: OrtModule,
  bytes: Uint8Array,
  options: OrtSessionOptions,
): Promise<OrtSession> {
  try {
    return await ort.InferenceSession.create(bytes, options);
  } catch (cause) {
    throw failed(String(options.executionProviders?.[0]), cause);
  }
}

/** Tensors over the callers' arrays. An array that comes again, as parameters do, keeps its tensor. */
function createFeeds(
  ort: OrtModule,
  inputs: readonly TensorShape[],
): (parameters: TensorTable) => Record<string, OrtTensor> {
  const known = new WeakMap<Float32Array, OrtTensor>();
  return (parameters) => {
    const feeds: Record<string, OrtTensor> = {};
    for (const { name, shape } of inputs) {
      const data = parameters.get(name)!;
      const tensor = known.get(data) ?? new ort.Tensor('float32', data, shape);
      known.set(data, tensor);
      feeds[name] = tensor;
    }
    return feeds;
  };
}

function placesOf(
  ort: OrtModule,
  trained: readonly TensorShape[],
  gradients: ReadonlyMap<string, Float32Array>,
): Record<string, OrtTensor> {
  const places: Record<string, OrtTensor> = { loss: new ort.Tensor('float32', new Float32Array(1), [1]) };
  for (const { name, shape } of trained)
    places[gradientName(name)] = new ort.Tensor('float32', gradients.get(name)!, shape);
  return places;
}

function scalarOf(tensor: OrtTensor): number {
  return (tensor.data as Float32Array)[0]!;
}

function failed(provider: string, cause: unknown): TrainingError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TrainingError(
    { code: 'ENGINE_FAILED', engine: provider, reason },
    `The ${provider} engine failed: ${reason}`,
    { cause },
  );
}
