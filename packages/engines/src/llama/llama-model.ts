import type { Clock, Random } from '@cairn/core';
import type {
  AnswerReview,
  AnswerShape,
  EngineCapabilities,
  GenerateEvent,
  GenerateRequest,
  LoadedModel,
  Prompt,
  ReviewRequest,
  SelfTestCase,
  Task,
} from '@cairn/protocol';
import type {
  LlamaContext,
  LlamaContextSequence,
  LlamaEmbeddingContext,
  LlamaModel,
  Token,
} from 'node-llama-cpp';
import { checkRequest } from '../check-request.ts';
import { EngineError, reasonOf } from '../errors.ts';
import { runSelfTest } from '../self-test.ts';
import { markToolCalls } from '../shape/tool-calls.ts';
import { describeShape } from '../shape/tool-prompt.ts';
import { createSlotQueue, type SlotQueue } from '../slot-queue.ts';
import { runByVectors } from '../tasks/by-vectors.ts';
import { textOfTokens } from '../token-assembler.ts';
import { type ChatTemplate, createChatTemplate } from './chat-template.ts';
import { createConstraint } from './llama-constraint.ts';
import { generateOnSequence } from './llama-generation.ts';
import { reviewAnswer } from './review-answer.ts';

export interface LlamaLoadedModelParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly model: LlamaModel;
  /** Null for a model that only embeds. */
  readonly context: LlamaContext | null;
  /** Null for a model that was not made to embed. */
  readonly embedding: LlamaEmbeddingContext | null;
  readonly selfTest: SelfTestCase | undefined;
  readonly exactClass: string;
  /** Name and release of the engine. */
  readonly engine: string;
  /** Gives the shared weights back. */
  readonly release: () => Promise<void>;
}

/** One loaded GGUF model, with as many sequences as answers may run at the same time. */
export class LlamaLoadedModel implements LoadedModel {
  readonly capabilities: EngineCapabilities;
  readonly #parts: LlamaLoadedModelParts;
  readonly #slots: SlotQueue<LlamaContextSequence>;
  readonly #embeddingTurn = createSlotQueue([0]);
  #template: ChatTemplate | null = null;
  #closing: Promise<void> | null = null;

  constructor(parts: LlamaLoadedModelParts) {
    const { context, embedding, model } = parts;
    this.#parts = parts;
    const sequences = Array.from({ length: context?.totalSequences ?? 0 }, () => context!.getSequence());
    this.#slots = createSlotQueue(sequences);
    const generates = context === null ? null : true;
    this.capabilities = {
      tokenIds: generates,
      logprobs: generates,
      seed: generates,
      prefill: generates,
      embed: embedding === null ? null : true,
      tools: generates,
      json: generates,
      ...(context === null ? { mute: true as const } : {}),
      tasks: embedding === null ? [] : ['embed', 'rank'],
      exactClass: parts.exactClass,
      engine: parts.engine,
      contextTokens: Math.min(context?.contextSize ?? model.trainContextSize, model.trainContextSize),
    };
  }

  async *generate(request: GenerateRequest): AsyncGenerator<GenerateEvent, void> {
    checkRequest(request);
    const { context, model, random } = this.#parts;
    if (context === null) throw capabilityMissing('generate');
    const { shape } = request;
    const prefill = request.prefill ?? [];
    const asked = this.#tokenize(request.prompt, shape);
    const promptTokens = prefill.length === 0 ? asked : [...asked, ...this.#checkTokens(prefill)];
    const constraint = shape === undefined ? null : await createConstraint(model, shape);
    const { contextTokens } = this.capabilities;
    if (promptTokens.length >= contextTokens) throw contextTooSmall(promptTokens.length, contextTokens);
    const needsSeed = request.temperature > 0 && request.seed === undefined;
    const seed = needsSeed ? randomSeed(random) : (request.seed ?? null);
    const sequence = await this.#slots.take(request.signal);
    if (sequence === null) {
      yield {
        type: 'end',
        finishReason: 'cancelled',
        promptTokens: 0,
        cachedTokens: 0,
        completionTokens: 0,
        seed,
      };
      return;
    }
    try {
      const batchTokens = context.batchSize;
      const limits = { prefillTokens: prefill.length, contextTokens, batchTokens, constraint };
      const events = generateOnSequence({ model, sequence, promptTokens, request, seed, ...limits });
      yield* shape === undefined || shape.tools.length === 0 ? events : markToolCalls(events);
      await sequence.clearHistory();
    } catch (error) {
      throw this.#explain(error);
    } finally {
      this.#slots.give(sequence);
    }
  }

  async embed(texts: readonly string[]): Promise<{ vectors: readonly Float32Array[]; tokens: number }> {
    const { embedding, model } = this.#parts;
    if (embedding === null) throw capabilityMissing('embed');
    const vectors: Float32Array[] = [];
    let tokens = 0;
    await this.#embeddingTurn.take();
    try {
      for (const text of texts) {
        const ids = model.tokenize(text);
        const length = embedding.calculateInputLength(ids);
        if (length > model.trainContextSize) throw contextTooSmall(length, model.trainContextSize);
        vectors.push(Float32Array.from((await embedding.getEmbeddingFor(ids)).vector));
        tokens += length;
      }
    } catch (error) {
      throw this.#explain(error);
    } finally {
      this.#embeddingTurn.give(0);
    }
    return { vectors, tokens };
  }

  async logprobs(tokenIds: readonly number[]): Promise<readonly number[]> {
    const { context } = this.#parts;
    if (context === null) throw capabilityMissing('logprobs');
    const tokens = this.#checkTokens(tokenIds);
    const { contextTokens } = this.capabilities;
    if (tokens.length > contextTokens) throw contextTooSmall(tokens.length, contextTokens);
    const sequence = await this.#slots.take();
    if (sequence === null) throw this.#closedError();
    try {
      await sequence.clearHistory();
      const results = await sequence.controlledEvaluate(
        tokens.slice(0, -1).map((token, index) => [
          token,
          {
            generateNext: {
              logits: { filter: { tokens: [tokens[index + 1]!], includeTop: 1 } },
              totalLogitWeight: true,
              options: { temperature: 0 },
            },
          },
        ]),
      );
      await sequence.clearHistory();
      return results.map((result, index) => {
        const { logits, totalLogitWeight } = result!.next;
        const most = Math.max(...logits!.values());
        return Math.min(0, logits!.get(tokens[index + 1]!)! - most - Math.log(totalLogitWeight!));
      });
    } catch (error) {
      throw this.#explain(error);
    } finally {
      this.#slots.give(sequence);
    }
  }

  async review(request: ReviewRequest): Promise<AnswerReview> {
    const { context, model } = this.#parts;
    if (context === null) throw capabilityMissing('review');
    const promptTokens = this.#checkTokens(request.promptTokens);
    const answerTokens = this.#checkTokens(request.answerTokens);
    const { contextTokens } = this.capabilities;
    const length = promptTokens.length + answerTokens.length;
    if (length > contextTokens) throw contextTooSmall(length, contextTokens);
    const sequence = await this.#slots.take();
    if (sequence === null) throw this.#closedError();
    try {
      return await reviewAnswer({ model, sequence, promptTokens, answerTokens }, request);
    } catch (error) {
      throw this.#explain(error);
    } finally {
      this.#slots.give(sequence);
    }
  }

  async tokenize(prompt: Prompt, shape?: AnswerShape): Promise<readonly number[]> {
    return this.#tokenize(prompt, shape);
  }

  async run(task: Task): Promise<readonly string[]> {
    return runByVectors(task, async (texts) => (await this.embed(texts)).vectors);
  }

  async detokenize(tokenIds: readonly number[]): Promise<string> {
    const { model } = this.#parts;
    const detokenize = (tokens: readonly number[], before: readonly number[]) =>
      model.detokenize(tokens as Token[], false, before as Token[]);
    return textOfTokens(detokenize, tokenIds.length === 0 ? [] : this.#checkTokens(tokenIds));
  }

  selfTest() {
    const { selfTest, clock } = this.#parts;
    return runSelfTest((request) => this.generate(request), selfTest, clock);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#slots.close(this.#closedError());
    this.#embeddingTurn.close(this.#closedError());
    await this.#parts.context?.dispose();
    await this.#parts.embedding?.dispose();
    await this.#parts.release();
  }

  /** Text prompts are read with the special tokens they spell: their writer owns the whole prompt. */
  #tokenize(prompt: Prompt, shape?: AnswerShape): Token[] {
    if (this.#closing !== null) throw this.#closedError();
    if (prompt.kind === 'tokens') return this.#checkTokens(prompt.tokenIds);
    const { model } = this.#parts;
    if (prompt.kind === 'chat') {
      this.#template ??= createChatTemplate(model);
      const messages = shape === undefined ? prompt.messages : describeShape(prompt.messages, shape);
      return withStart(model, this.#template.render(messages));
    }
    return this.#checkTokens(withStart(model, model.tokenize(prompt.text, true)));
  }

  #checkTokens(tokenIds: readonly number[]): Token[] {
    if (this.#closing !== null) throw this.#closedError();
    const vocabulary = this.#parts.model.fileInfo.metadata.tokenizer?.ggml?.tokens?.length ?? 0;
    const strange = tokenIds.find((id) => !Number.isSafeInteger(id) || id < 0 || id >= vocabulary);
    if (tokenIds.length === 0 || strange !== undefined) {
      const reason =
        strange === undefined ? 'must hold at least one token' : `token ${strange} is not in the vocabulary`;
      throw new EngineError(
        { code: 'REQUEST_MALFORMED', field: 'prompt', reason },
        `The prompt cannot be used: ${reason} (token ids go from 0 to ${vocabulary - 1}).`,
      );
    }
    return tokenIds as Token[];
  }

  #explain(error: unknown): unknown {
    if (error instanceof EngineError) return error;
    if (this.#closing !== null) return this.#closedError(error);
    const reason = reasonOf(error);
    return new EngineError({ code: 'GENERATION_FAILED', reason }, `llama.cpp could not go on: ${reason}.`, {
      cause: error,
    });
  }

  #closedError(cause?: unknown): EngineError {
    return new EngineError({ code: 'MODEL_CLOSED' }, 'The model was closed. Load it again.', { cause });
  }
}

function withStart(model: LlamaModel, tokens: Token[]): Token[] {
  const { bos, shouldPrependBosToken } = model.tokens;
  return shouldPrependBosToken && bos !== null && tokens[0] !== bos ? [bos, ...tokens] : tokens;
}

function randomSeed(random: Random): number {
  const bytes = random.bytes(4);
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
}

function capabilityMissing(capability: string): EngineError {
  return new EngineError(
    { code: 'CAPABILITY_MISSING', capability },
    `This model cannot ${capability}. Choose a model whose card says it can.`,
  );
}

function contextTooSmall(promptTokens: number, contextTokens: number): EngineError {
  return new EngineError(
    { code: 'CONTEXT_TOO_SMALL', promptTokens, contextTokens },
    `The prompt has ${promptTokens} tokens and this model holds ${contextTokens}, of which one must be left for ` +
      'the answer. Shorten the prompt, or load the model with a longer context.',
  );
}
