import type { Clock, Logger } from '@cairn/core';
import type {
  EngineCapabilities,
  GenerateEvent,
  GenerateRequest,
  InferenceEngine,
  LoadedModel,
  LoadOptions,
  ModelFile,
  TaskKind,
} from '@cairn/protocol';
import { checkRequest } from '../check-request.ts';
import { EngineError } from '../errors.ts';
import { runSelfTest } from '../self-test.ts';
import { createSlotQueue } from '../slot-queue.ts';
import type { HttpLimits, HttpParts } from './http.ts';
import { listUpstreamModels, type UpstreamKind } from './list-models.ts';
import { probeChat, probeTasks, type UpstreamMeans } from './probe.ts';
import { streamUpstream, type UpstreamTarget } from './upstream-stream.ts';
import { base64ToVector, runUpstreamTask } from './upstream-tasks.ts';

export interface UpstreamEngineParts extends HttpParts {
  readonly clock: Clock;
  readonly log: Logger;
}

export interface UpstreamEngineOptions {
  /** Root of the server, without `/v1`, as in `http://127.0.0.1:11434`. */
  readonly baseUrl: string;
  /** @default 'openai' */
  readonly kind?: UpstreamKind;
  readonly apiKey?: string;
  /** Longest wait for the first byte of an answer; a server may have to load the model. @default 180_000 */
  readonly firstByteMs?: number;
  /** Longest silence inside an answer. @default 60_000 */
  readonly idleMs?: number;
  /** Most bytes of one answer. @default 64 MiB */
  readonly maxAnswerBytes?: number;
  /** What the model does besides text. @default whether it embeds, ranks or moderates is found out by asking */
  readonly tasks?: readonly TaskKind[];
}

/** Assumed where a server does not tell: what Ollama allocates by default. */
const DEFAULT_CONTEXT_TOKENS = 4096;

/**
 * Models of a server that speaks OpenAI's protocol: Ollama, vLLM, LM Studio, llama-server and others. Such a
 * model tells no token ids, so it serves tier 0.
 */
export function createUpstreamEngine(
  parts: UpstreamEngineParts,
  options: UpstreamEngineOptions,
): InferenceEngine {
  const baseUrl = options.baseUrl.replace(/\/+$/u, '').replace(/\/v1$/u, '');
  const limits: HttpLimits = {
    firstByteMs: options.firstByteMs ?? 180_000,
    idleMs: options.idleMs ?? 60_000,
    maxBytes: options.maxAnswerBytes ?? 64 * 1024 * 1024,
  };
  const key = options.apiKey === undefined ? {} : { apiKey: options.apiKey };
  return {
    name: options.kind ?? 'openai',
    estimateMemoryBytes: async () => 0,
    async load(file, load) {
      const server = { baseUrl, kind: options.kind ?? 'openai', ...key };
      const { models } = await listUpstreamModels(parts, server, limits);
      const found = models.find(({ id }) => id === file.location || id === `${file.location}:latest`);
      if (found === undefined)
        throw modelMissing(
          baseUrl,
          file.location,
          models.map(({ id }) => id),
        );
      const target = { baseUrl, model: found.id, limits, ...key };
      const { means: able, refusal } = await probeChat(parts, target);
      const tasks = await probeTasks(parts, target, options.tasks);
      if (refusal !== null && tasks.length === 0) throw refusal;
      const contextTokens = load.contextTokens ?? found.contextTokens ?? DEFAULT_CONTEXT_TOKENS;
      parts.log.info('upstream model ready', { kind: server.kind, ...able, tasks, contextTokens });
      const means = { ...able, tasks, contextTokens };
      return createUpstreamModel(parts, { ...target, logprobs: able.logprobs }, means, file, load);
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function createUpstreamModel(
  parts: UpstreamEngineParts,
  target: UpstreamTarget,
  means: UpstreamMeans,
  file: ModelFile,
  load: LoadOptions,
): LoadedModel {
  const slots = createSlotQueue(Array.from({ length: load.parallel ?? 1 }, (_, index) => index));
  const closing = new AbortController();
  const closedError = new EngineError({ code: 'MODEL_CLOSED' }, 'The model was closed. Load it again.');
  const capabilities: EngineCapabilities = {
    tokenIds: null,
    logprobs: target.logprobs || null,
    seed: null,
    prefill: null,
    embed: means.tasks.includes('embed') || null,
    tools: means.tools || null,
    json: means.json || null,
    ...(means.chats ? {} : { mute: true as const }),
    tasks: means.tasks,
    contextTokens: means.contextTokens,
  };

  async function* generate(request: GenerateRequest): AsyncGenerator<GenerateEvent, void> {
    checkRequest(request);
    if (request.prefill !== undefined) refuse('prefill');
    if (closing.signal.aborted) throw closedError;
    if (!means.chats) refuse('answer in text');
    const slot = await slots.take(request.signal);
    try {
      const signal = slot === null ? AbortSignal.abort() : joinSignals(request.signal, closing.signal);
      for await (const event of streamUpstream(parts, target, { ...request, signal })) {
        if (event.type === 'end' && closing.signal.aborted) throw closedError;
        yield event;
      }
    } finally {
      if (slot !== null) slots.give(slot);
    }
  }

  return {
    capabilities,
    generate,
    embed: async (texts) => {
      if (!means.tasks.includes('embed')) refuse('embed');
      const items = await runUpstreamTask(
        parts,
        target,
        { kind: 'embed', texts, dimensions: null },
        closing.signal,
      );
      return { vectors: items.map(base64ToVector), tokens: 0 };
    },
    run: async (task, { signal }) => {
      if (closing.signal.aborted) throw closedError;
      if (!means.tasks.includes(task.kind)) refuse(task.kind);
      const slot = await slots.take(signal);
      try {
        if (slot === null) return [];
        return await runUpstreamTask(parts, target, task, joinSignals(signal, closing.signal));
      } finally {
        if (slot !== null) slots.give(slot);
      }
    },
    logprobs: async () => refuse('logprobs'),
    tokenize: async () => null,
    detokenize: async () => null,
    selfTest: () => runSelfTest(generate, file.selfTest, parts.clock),
    async [Symbol.asyncDispose]() {
      closing.abort();
      slots.close(closedError);
    },
  };
}

function joinSignals(wanted: GenerateRequest['signal'], closing: AbortSignal): AbortSignal {
  if (wanted === undefined) return closing;
  if (wanted instanceof AbortSignal) return AbortSignal.any([wanted, closing]);
  const controller = new AbortController();
  if (wanted.aborted) controller.abort();
  wanted.addEventListener('abort', () => controller.abort(), { once: true });
  return AbortSignal.any([controller.signal, closing]);
}

function modelMissing(url: string, model: string, offered: readonly string[]): EngineError {
  const list = offered.length === 0 ? 'It offers none' : `It offers ${offered.slice(0, 10).join(', ')}`;
  return new EngineError(
    { code: 'UPSTREAM_MODEL_MISSING', url, model, offered },
    `${url} has no model ${model}. ${list}. Fetch the model there first, or choose one of these.`,
  );
}

function refuse(capability: string): never {
  throw new EngineError(
    { code: 'CAPABILITY_MISSING', capability },
    `An upstream cannot ${capability} for us. Use a local model.`,
  );
}
