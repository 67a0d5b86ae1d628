import type { Clock, Logger, Random } from '@cairn/core';
import type { InferenceEngine, LoadedModel, LoadOptions, ModelFile } from '@cairn/protocol';
import {
  getLlama,
  InsufficientMemoryError,
  type Llama,
  LlamaLogLevel,
  type LlamaModel,
} from 'node-llama-cpp';
import { EngineError, reasonOf } from '../errors.ts';
import { type GgufFile, readGgufFile } from '../models/gguf-file.ts';
import { numberOf } from '../models/gguf-header.ts';
import { LlamaLoadedModel } from './llama-model.ts';
import {
  estimateLlamaMemory,
  MAX_BATCH_TOKENS,
  requireMemory,
  resolveContextTokens,
} from './memory-estimate.ts';

export interface LlamaEngineParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Bytes a new model may take. Default: what the operating system says is available to this process. */
  readonly freeMemoryBytes?: () => number;
}

export interface LlamaEngineOptions {
  /** Which graphics library may be used, if its package is installed. @default false */
  readonly gpu?: 'auto' | 'cuda' | 'vulkan' | 'metal' | false;
}

/** What runs underneath, for the doctor. */
export interface LlamaBuild {
  readonly release: string;
  readonly gpu: string | null;
  readonly systemInfo: string;
}

/**
 * GGUF models through llama.cpp, in this process. Create one per process: models of the same file share their
 * weights, and the library is started once, at the first load. Never downloads and never compiles anything.
 *
 * @example
 * await using engine = createLlamaEngine({ clock, random, log });
 * await using model = await engine.load({ location: path, format: 'gguf' }, { threads: 1 });
 */
export function createLlamaEngine(parts: LlamaEngineParts, options: LlamaEngineOptions = {}): LlamaEngine {
  return new LlamaEngine(parts, options);
}

interface SharedWeights {
  readonly model: Promise<LlamaModel>;
  users: number;
}

export class LlamaEngine implements InferenceEngine {
  readonly name = 'llama.cpp';
  readonly #parts: LlamaEngineParts;
  readonly #options: LlamaEngineOptions;
  readonly #weights = new Map<string, SharedWeights>();
  #llama: Promise<Llama> | null = null;

  constructor(parts: LlamaEngineParts, options: LlamaEngineOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  async estimateMemoryBytes(file: ModelFile, options: LoadOptions): Promise<number> {
    const header = await readGgufFile(requireGguf(file));
    const contextTokens = resolveContextTokens(header, options.contextTokens);
    return estimateLlamaMemory(header, contextTokens, options.parallel ?? 1);
  }

  async load(file: ModelFile, options: LoadOptions): Promise<LoadedModel> {
    const path = requireGguf(file);
    refuseCancelled(path, options);
    const header = await readGgufFile(path);
    const parallel = options.parallel ?? 1;
    const contextTokens = resolveContextTokens(header, options.contextTokens);
    const sharedBytes = this.#weights.has(path) ? header.sizeBytes : 0;
    const freeBytes = this.#parts.freeMemoryBytes?.() ?? process.availableMemory();
    requireMemory(estimateLlamaMemory(header, contextTokens, parallel) - sharedBytes, freeBytes);
    const model = await this.#takeWeights(path);
    const release = () => this.#giveWeights(path);
    try {
      refuseCancelled(path, options);
      const kind = describeKind(header);
      const context = kind.generates
        ? await model.createContext({
            contextSize: contextTokens,
            sequences: parallel,
            batchSize: Math.min(MAX_BATCH_TOKENS, contextTokens),
            threads: options.threads,
            flashAttention: this.#usesGpu() ? 'auto' : false,
          })
        : null;
      const embedding = kind.embeds
        ? await model.createEmbeddingContext({ contextSize: contextTokens, threads: options.threads })
        : null;
      const { clock, random, log } = this.#parts;
      log.info('model loaded', {
        architecture: header.architecture,
        sizeBytes: header.sizeBytes,
        contextTokens,
        parallel,
      });
      return new LlamaLoadedModel({
        clock,
        random,
        model,
        context,
        embedding,
        selfTest: file.selfTest,
        release,
        exactClass: await this.#classOf(options.threads, context?.batchSize ?? 0),
        engine: `llama.cpp ${(await this.describeBuild()).release}`,
      });
    } catch (error) {
      await release();
      throw explainLoad(path, error, freeBytes);
    }
  }

  /** Which llama.cpp runs here. Starts the library. @throws EngineError `ENGINE_UNAVAILABLE` */
  async describeBuild(): Promise<LlamaBuild> {
    const llama = await this.#start();
    return {
      release: llama.llamaCppRelease.release,
      gpu: llama.gpu === false ? null : llama.gpu,
      systemInfo: llama.systemInfo,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const llama = await this.#llama?.catch(() => null);
    this.#llama = null;
    this.#weights.clear();
    await llama?.dispose();
  }

  /** What decides how sums round. Answers that run at the same time share batches, which no name can tell. */
  async #classOf(threads: number, batchTokens: number): Promise<string> {
    const { release, gpu, systemInfo } = await this.describeBuild();
    return `llama.cpp ${release} | ${process.arch} ${gpu ?? 'cpu'} | ${systemInfo.trim()} | threads ${threads} | batch ${batchTokens}`;
  }

  #usesGpu(): boolean {
    return (this.#options.gpu ?? false) !== false;
  }

  #start(): Promise<Llama> {
    // The build for Apple silicon always carries Metal; without leave to use it, no layer goes there.
    const isAppleSilicon = process.platform === 'darwin' && process.arch === 'arm64';
    this.#llama ??= getLlama({
      gpu: this.#options.gpu || (isAppleSilicon ? 'metal' : false),
      build: 'never',
      skipDownload: true,
      progressLogs: false,
      logLevel: LlamaLogLevel.error,
      logger: (level, message) => this.#parts.log.debug('llama.cpp says', { level, message: message.trim() }),
      maxThreads: 0,
      ramPadding: 0,
    }).catch((error: unknown) => {
      this.#llama = null;
      const reason = reasonOf(error);
      throw new EngineError(
        { code: 'ENGINE_UNAVAILABLE', reason },
        `llama.cpp cannot start on ${process.platform}-${process.arch}: ${reason}. ` +
          'Run the doctor to see which package this machine needs.',
        { cause: error },
      );
    });
    return this.#llama;
  }

  async #takeWeights(path: string): Promise<LlamaModel> {
    const known = this.#weights.get(path);
    if (known !== undefined) {
      known.users += 1;
      return known.model;
    }
    const freeBytes = this.#parts.freeMemoryBytes?.() ?? process.availableMemory();
    const model = this.#start()
      .then((llama) => llama.loadModel({ modelPath: path, ...(this.#usesGpu() ? {} : { gpuLayers: 0 }) }))
      .catch((error: unknown) => {
        this.#weights.delete(path);
        throw explainLoad(path, error, freeBytes);
      });
    this.#weights.set(path, { model, users: 1 });
    return model;
  }

  async #giveWeights(path: string): Promise<void> {
    const shared = this.#weights.get(path);
    if (shared === undefined) return;
    shared.users -= 1;
    if (shared.users > 0) return;
    this.#weights.delete(path);
    await (await shared.model).dispose();
  }
}

function requireGguf(file: ModelFile): string {
  if (file.format === 'gguf') return file.location;
  throw new EngineError(
    { code: 'CAPABILITY_MISSING', capability: `load models of format ${file.format}` },
    `llama.cpp loads GGUF files, and ${file.location} is a model of an upstream. Use the upstream engine.`,
  );
}

function refuseCancelled(path: string, { signal }: LoadOptions): void {
  if (signal?.aborted !== true) return;
  throw new EngineError({ code: 'LOAD_CANCELLED', path }, `Loading ${path} was cancelled.`);
}

function explainLoad(path: string, error: unknown, freeBytes: number): EngineError {
  if (error instanceof EngineError) return error;
  const reason = reasonOf(error);
  if (error instanceof InsufficientMemoryError) {
    return new EngineError(
      { code: 'MEMORY_TOO_LOW', neededBytes: null, freeBytes },
      `llama.cpp refuses to load ${path}: ${reason}. ${freeBytes} bytes are free.`,
      { cause: error },
    );
  }
  return new EngineError(
    { code: 'MODEL_LOAD_FAILED', path, reason },
    `llama.cpp cannot load ${path}: ${reason}. The file may need a newer llama.cpp, or be damaged.`,
    { cause: error },
  );
}

/** Encoders only embed; a decoder embeds when its file names how to pool. */
function describeKind(header: GgufFile): { generates: boolean; embeds: boolean } {
  const isEncoder = header.metadata.get(`${header.architecture}.attention.causal`) === false;
  const pooling = numberOf(header.metadata.get(`${header.architecture}.pooling_type`)) ?? 0;
  return { generates: !isEncoder, embeds: isEncoder || pooling > 0 };
}
