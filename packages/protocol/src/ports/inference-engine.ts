import type { CancelSignal } from '@cairn/core';
import type { AnswerShape, ToolCall } from './answer-shape.ts';
import type { Task, TaskKind } from './task.ts';

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string;
  /** Calls that the assistant made in this message. */
  readonly toolCalls?: readonly ToolCall[];
  /** Which call a message of a tool answers. */
  readonly toolCallId?: string;
}

export type Prompt =
  | { readonly kind: 'chat'; readonly messages: readonly ChatMessage[] }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tokens'; readonly tokenIds: readonly number[] };

export interface GenerateRequest {
  readonly prompt: Prompt;
  /**
   * Tokens of the answer that were shown already, whole: it goes on behind them as if there had been no break.
   * They are not emitted again. Only where the model can `prefill`.
   */
  readonly prefill?: readonly number[];
  /** Most tokens to emit. At least 1. */
  readonly maxTokens: number;
  /** 0 is greedy. */
  readonly temperature: number;
  /** Nucleus bound in (0, 1]. */
  readonly topP: number;
  /** Seed of the sampler, unsigned 32 bit. Absent: the engine chooses. */
  readonly seed?: number;
  /** Texts that end the answer; they are not emitted. */
  readonly stop: readonly string[];
  /** How many of the likeliest tokens to report per position. 0: no log probabilities. */
  readonly topLogprobs: number;
  /** Tools that may be called and the form the answer must have. Absent: plain text. */
  readonly shape?: AnswerShape;
  readonly signal?: CancelSignal;
}

export interface TokenLogprob {
  readonly tokenId: number;
  readonly text: string;
  /** Natural logarithm of the probability. */
  readonly logprob: number;
  readonly top: readonly { readonly tokenId: number; readonly text: string; readonly logprob: number }[];
}

export type FinishReason = 'stop' | 'length' | 'cancelled';

export type GenerateEvent =
  | {
      readonly type: 'delta';
      readonly text: string;
      /** Ids of the tokens behind `text`; null when the engine exposes none. */
      readonly tokenIds: readonly number[] | null;
      readonly logprobs: readonly TokenLogprob[] | null;
    }
  | {
      readonly type: 'end';
      readonly finishReason: FinishReason;
      readonly promptTokens: number;
      readonly cachedTokens: number;
      readonly completionTokens: number;
      /** The seed that was used; null when unknown. */
      readonly seed: number | null;
    };

/**
 * What a loaded model can do. What is missing is null: such a model serves tier 0 and is badged so.
 */
export interface EngineCapabilities {
  readonly tokenIds: true | null;
  readonly logprobs: true | null;
  readonly seed: true | null;
  /** Can continue from given token ids. */
  readonly prefill: true | null;
  readonly embed: true | null;
  /** Calls tools, as {@link AnswerShape} asks. Absent means no. */
  readonly tools?: true | null;
  /** Answers as JSON, held to a schema where one is given. Absent means no. */
  readonly json?: true | null;
  /** Writes no text: it only does tasks. */
  readonly mute?: true;
  /** Work other than text. Absent: none. */
  readonly tasks?: readonly TaskKind[];
  /**
   * Everything that decides how its sums round: build, instruction set, threads, batch. Models with the same text go
   * on with each other's answers token for token. Absent: nobody knows.
   */
  readonly exactClass?: string;
  /** Name and release of the program that computes, such as `llama.cpp b6361`: at most 24 bytes. Absent: nobody knows. */
  readonly engine?: string;
  readonly contextTokens: number;
}

export interface SelfTestCase {
  readonly prompt: Prompt;
  readonly expected: string;
}

export type SelfTestResult =
  | { readonly ok: true; readonly ms: number; readonly tokensPerSecond: number }
  | { readonly ok: false; readonly expected: string; readonly got: string };

export interface ModelFile {
  /** Absolute path of a model file, or the upstream's own model name. */
  readonly location: string;
  readonly format: 'gguf' | 'upstream';
  /** Known answer; absent: the self-test only checks that some token comes. */
  readonly selfTest?: SelfTestCase;
}

export interface LoadOptions {
  /** Tokens of context to allocate. Absent: the model's own, bounded by memory. */
  readonly contextTokens?: number;
  /** Worker threads. Always explicit. */
  readonly threads: number;
  /** Answers generated at the same time. @default 1 */
  readonly parallel?: number;
  readonly signal?: CancelSignal;
}

/** An answer that some engine is said to have given, and how it was sampled. */
export interface ReviewRequest {
  readonly promptTokens: readonly number[];
  /** At least one. */
  readonly answerTokens: readonly number[];
  /** 0 is greedy. */
  readonly temperature: number;
  readonly topP: number;
  /** Of the sampler; unused when greedy. */
  readonly seed: number;
}

/** What a prefill pass says of one emitted token. */
export interface TokenReview {
  /** Natural logarithm of the probability. */
  readonly logprob: number;
  /** The token this engine emits here. */
  readonly pick: number;
  /**
   * How far the pick is ahead of the emitted token, in nats of the logits with the sampler's noise; 0 when it is the
   * pick.
   */
  readonly margin: number;
}

export interface AnswerReview {
  /** One per token of the answer. */
  readonly tokens: readonly TokenReview[];
  /** How far this engine's pick after the answer is ahead of the likeliest token that ends an answer, in nats. */
  readonly endMargin: number;
  /** The text of the answer's tokens. */
  readonly text: string;
}

/** A model in memory. Requests beyond `parallel` queue in order. */
export interface LoadedModel extends AsyncDisposable {
  readonly capabilities: EngineCapabilities;
  /** Streams deltas and closes with exactly one `end`. @throws EngineError */
  generate(request: GenerateRequest): AsyncIterable<GenerateEvent>;
  /** One vector per text. Shape [texts, dimensions]. @throws EngineError `CAPABILITY_MISSING` */
  embed(texts: readonly string[]): Promise<{ vectors: readonly Float32Array[]; tokens: number }>;
  /**
   * Log probability of each token given those before it, by one prefill pass.
   * Shape [tokens − 1]: entry i belongs to token i + 1. @throws EngineError `CAPABILITY_MISSING`
   */
  logprobs(tokenIds: readonly number[]): Promise<readonly number[]>;
  /**
   * What this engine would have emitted in place of each token of an answer, by one prefill pass.
   * Absent when the engine cannot say. @throws EngineError
   */
  readonly review?: (request: ReviewRequest) => Promise<AnswerReview>;
  /**
   * Last hidden layer at each token, by one prefill pass. Shape [tokens, width].
   * Absent when the engine does not expose it, as that of llama.cpp here. @throws EngineError
   */
  readonly hiddenStates?: (tokenIds: readonly number[]) => Promise<readonly Float32Array[]>;
  /** Token ids of a prompt, the chat template and the tools applied; null when the engine exposes none. */
  tokenize(prompt: Prompt, shape?: AnswerShape): Promise<readonly number[] | null>;
  /** The text that tokens at the beginning of an answer are shown as; null when the engine exposes no ids. */
  detokenize(tokenIds: readonly number[]): Promise<string | null>;
  /**
   * Does one of `capabilities.tasks`; one text per item, as `task.ts` describes them.
   * @throws EngineError `CAPABILITY_MISSING`
   */
  run?(task: Task, options: { readonly signal?: CancelSignal }): Promise<readonly string[]>;
  selfTest(): Promise<SelfTestResult>;
}

/** A way of running models: llama.cpp in this process, or an upstream server. */
export interface InferenceEngine extends AsyncDisposable {
  readonly name: string;
  /** Memory needed before anything is allocated, in bytes; 0 when it runs elsewhere. */
  estimateMemoryBytes(file: ModelFile, options: LoadOptions): Promise<number>;
  load(file: ModelFile, options: LoadOptions): Promise<LoadedModel>;
}
