import type { Clock } from '@cairn/core';
import type {
  GenerateEvent,
  GenerateRequest,
  InferenceEngine,
  LoadedModel,
  LoadOptions,
  ModelFile,
  Prompt,
} from '@cairn/protocol';
import { checkRequest } from './check-request.ts';
import { echoCalls, echoTask } from './echo-surface.ts';
import { EngineError } from './errors.ts';
import { runSelfTest } from './self-test.ts';
import { createSlotQueue } from './slot-queue.ts';
import { createTokenAssembler } from './token-assembler.ts';

export interface EchoEngineParts {
  readonly clock: Clock;
}

export interface EchoFault {
  /** Token before which it happens: 0 is before the first. */
  readonly atToken: number;
  /** `fail`: the engine gives up (`GENERATION_FAILED`). `cut`: the stream ends without an end (`STREAM_CUT`). */
  readonly kind: 'fail' | 'cut';
  /** Which request of the engine, counted from 0, meets it. Absent: every one. */
  readonly request?: number;
}

export interface EchoEngineOptions {
  /** Whether token ids are told, and taken as the beginning of an answer. @default true */
  readonly tokenIds?: boolean;
  readonly contextTokens?: number;
  readonly faults?: readonly EchoFault[];
  /** Whether it calls tools, answers in a given form and does every task. @default false */
  readonly surface?: boolean;
  /** Awaited before each token, so that a test can hold an answer in its middle. */
  readonly beforeToken?: (token: number, request: number) => Promise<void>;
}

const TASKS = ['embed', 'rank', 'image', 'speech', 'transcribe', 'translate', 'moderate'] as const;

/**
 * Not a model: repeats the last user message, one word with its leading spaces per token. For tests of what
 * stands around an engine. It says what it is by its name.
 */
export function createEchoEngine(parts: EchoEngineParts, options: EchoEngineOptions = {}): InferenceEngine {
  let requests = 0;
  return {
    name: 'echo',
    estimateMemoryBytes: async () => 0,
    load: async (file, load) => createEchoModel(parts, options, file, load, () => requests++),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function createEchoModel(
  parts: EchoEngineParts,
  options: EchoEngineOptions,
  file: ModelFile,
  load: LoadOptions,
  nextRequest: () => number,
): LoadedModel {
  const contextTokens = load.contextTokens ?? options.contextTokens ?? 4096;
  const slots = createSlotQueue(Array.from({ length: load.parallel ?? 1 }, (_, index) => index));
  const knowsIds = options.tokenIds !== false;
  const vocabulary = createVocabulary();
  const closedError = new EngineError({ code: 'MODEL_CLOSED' }, 'The model was closed. Load it again.');
  let closed = false;

  async function* generate(request: GenerateRequest): AsyncGenerator<GenerateEvent, void> {
    checkRequest(request);
    if (closed) throw closedError;
    const prefill = request.prefill ?? [];
    if (prefill.length > 0 && !knowsIds) refuse('prefill');
    const promptTokens = piecesOfPrompt(request.prompt).length + prefill.length;
    const slot = await slots.take(request.signal);
    const number = nextRequest();
    const calls = options.surface === true ? echoCalls(request.prompt, request.shape) : null;
    const pieces = calls === null ? echoOf(request.prompt) : piecesOf(calls);
    const ids = vocabulary.learn(slot === null ? [] : pieces);
    const assembler = createTokenAssembler(vocabulary.read, request.stop, prefill);
    // A beginning that is not its own is nothing it could go on with.
    const said = prefill.every((id, index) => id === ids[index]) ? prefill.length : ids.length;
    let finishReason: 'stop' | 'length' | 'cancelled' = slot === null ? 'cancelled' : 'stop';
    try {
      for (let index = said; index < ids.length; index += 1) {
        await options.beforeToken?.(index, number);
        if (closed) throw closedError;
        failAsPlanned(options.faults ?? [], index, number);
        if (request.signal?.aborted === true) finishReason = 'cancelled';
        else if (index - said >= request.maxTokens || promptTokens + index - said >= contextTokens)
          finishReason = 'length';
        if (finishReason !== 'stop') break;
        const { delta, stopped } = assembler.push(ids[index]!, null);
        if (delta !== null) yield { type: 'delta', ...delta, tokenIds: knowsIds ? delta.tokenIds : null };
        if (stopped) break;
      }
      const { delta } = assembler.flush();
      if (delta !== null) yield { type: 'delta', ...delta, tokenIds: knowsIds ? delta.tokenIds : null };
    } finally {
      if (slot !== null) slots.give(slot);
    }
    const completionTokens = assembler.shownTokens;
    yield { type: 'end', finishReason, promptTokens, cachedTokens: 0, completionTokens, seed: null };
  }

  return {
    capabilities: {
      tokenIds: knowsIds || null,
      logprobs: null,
      seed: null,
      prefill: knowsIds || null,
      embed: null,
      tools: options.surface === true || null,
      json: options.surface === true || null,
      tasks: options.surface === true ? TASKS : [],
      exactClass: 'echo',
      contextTokens,
    },
    generate,
    embed: async () => refuse('embed'),
    run: async (task) => (options.surface === true ? echoTask(task) : refuse(task.kind)),
    logprobs: async () => refuse('logprobs'),
    tokenize: async (prompt) => (knowsIds ? vocabulary.learn(piecesOfPrompt(prompt)) : null),
    detokenize: async (tokenIds) => (knowsIds ? vocabulary.read(tokenIds) : null),
    selfTest: () => runSelfTest(generate, file.selfTest, parts.clock),
    async [Symbol.asyncDispose]() {
      closed = true;
      slots.close(closedError);
    },
  };
}

/** The token id of a piece: FNV-1a over its UTF-16 units, 31 bits. */
export function echoTokenId(piece: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < piece.length; index += 1) {
    hash = Math.imul(hash ^ piece.charCodeAt(index), 0x01000193);
  }
  return hash >>> 1;
}

/** Pieces kept by id. The oldest are forgotten. */
const MOST_PIECES = 100_000;

function createVocabulary() {
  const pieces = new Map<number, string>();
  return {
    learn(texts: readonly string[]): number[] {
      return texts.map((piece) => {
        const id = echoTokenId(piece);
        pieces.set(id, piece);
        if (pieces.size > MOST_PIECES) pieces.delete(pieces.keys().next().value!);
        return id;
      });
    },
    read: (ids: readonly number[]) => ids.map((id) => pieces.get(id) ?? '').join(''),
  };
}

function echoOf(prompt: Prompt): string[] {
  if (prompt.kind !== 'chat') return piecesOfPrompt(prompt);
  const last = prompt.messages.findLast((message) => message.role === 'user');
  return piecesOf(last?.content ?? '');
}

function piecesOfPrompt(prompt: Prompt): string[] {
  if (prompt.kind === 'tokens') return refuse('prefill');
  if (prompt.kind === 'text') return piecesOf(prompt.text);
  return prompt.messages.flatMap((message) => piecesOf(message.content));
}

function piecesOf(text: string): string[] {
  return text.match(/\s*\S+|\s+$/gu) ?? [];
}

function failAsPlanned(faults: readonly EchoFault[], token: number, request: number): void {
  const fault = faults.find((plan) => plan.atToken === token && (plan.request ?? request) === request);
  if (fault === undefined) return;
  if (fault.kind === 'cut') {
    throw new EngineError(
      { code: 'STREAM_CUT', receivedBytes: token },
      `The stream was cut before token ${token}, as planned.`,
    );
  }
  throw new EngineError(
    { code: 'GENERATION_FAILED', reason: 'planned fault' },
    `The echo failed before token ${token}, as planned.`,
  );
}

function refuse(capability: string): never {
  throw new EngineError(
    { code: 'CAPABILITY_MISSING', capability },
    `The echo cannot ${capability}. Use a real engine.`,
  );
}
