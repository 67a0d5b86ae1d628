import type { AnswerReview, ReviewRequest } from '@cairn/protocol';

/** What makes two honest providers differ. */
export interface Environment {
  /**
   * `native`: what llama.cpp chooses on this processor. Any other name: its library for that set of instructions and
   * no other.
   */
  readonly variant: string;
  readonly threads: number;
  /** Answers generated at the same time, in one batch. */
  readonly parallel: number;
}

export interface AnswerJob {
  readonly op: 'answer';
  readonly model: string;
  readonly question: string;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
  /** Waited before each token, by who slow-rolls. */
  readonly pauseMs: number;
}

/** What an engine did for one question, as it is. */
export interface RawAnswer {
  readonly promptTokens: readonly number[];
  readonly tokenIds: readonly number[];
  readonly logprobs: readonly number[];
  readonly text: string;
  /** Text of each token. */
  readonly pieces: readonly string[];
  readonly finishReason: 'stop' | 'length' | 'cancelled';
  /** From the request to the first token, and to the end. */
  readonly firstMs: number;
  readonly ms: number;
}

export interface ReviewJob extends ReviewRequest {
  readonly op: 'review';
  readonly model: string;
}

export interface TokenizeJob {
  readonly op: 'tokenize';
  readonly model: string;
  readonly text: string;
}

export type EngineJob = AnswerJob | ReviewJob | TokenizeJob;
export type EngineResult<Job extends EngineJob> = Job extends AnswerJob
  ? RawAnswer
  : Job extends ReviewJob
    ? AnswerReview
    : readonly number[];

/** Told to the child when it starts. */
export interface ChildSetting {
  readonly environment: Environment;
  /** Paths of GGUF files, by the names that jobs use. */
  readonly models: Readonly<Record<string, string>>;
  /** Empty folder of its own, for a copy of the chosen library. */
  readonly folder: string;
}

export type ChildLine =
  | { readonly type: 'ready'; readonly build: string }
  | { readonly type: 'absent'; readonly reason: string }
  | { readonly type: 'done'; readonly id: number; readonly result: unknown; readonly cpuMs: number }
  | { readonly type: 'failed'; readonly id: number; readonly reason: string };
