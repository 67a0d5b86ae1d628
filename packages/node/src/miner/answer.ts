import type { Clock, Crypto } from '@cairn/core';
import { utf8ToBytes } from '@cairn/core';
import {
  type DeltaFrame,
  type GenerateEvent,
  hashInferParams,
  type InferBody,
  logprobRoot,
  type ReceiptFinishReason,
  responseHashOf,
  type TokenLogprob,
  tokenIdsRoot,
} from '@cairn/protocol';
import type { ReceiptDraft } from './earning.ts';

type Delta = Extract<GenerateEvent, { type: 'delta' }>;

/** What was sent of an answer, frame by frame, so that a receipt can state any prefix of it. */
export interface Answer {
  readonly tokens: number;
  /** What the engine said at its end. */
  end: Extract<GenerateEvent, { type: 'end' }> | null;
  add(frame: DeltaFrame): void;
  /** The receipt for the longest prefix of at most `mostTokens`. */
  draft(reason: ReceiptFinishReason, mostTokens: number): ReceiptDraft;
}

export interface AnswerFacts {
  readonly requestHash: Uint8Array;
  readonly body: InferBody;
  readonly model: Uint8Array;
  readonly tier: number;
  /** Null: unknown. */
  readonly engineClass: Uint8Array | null;
  /** Null: known at the end. */
  readonly promptTokens: number | null;
}

export function createAnswer(crypto: Crypto, clock: Clock, facts: AnswerFacts): Answer {
  const { salt } = facts.body;
  const startMs = clock.nowMs();
  const frames: DeltaFrame[] = [];
  let firstMs: number | null = null;
  let tokens = 0;
  return {
    end: null,
    get tokens() {
      return tokens;
    },
    add(frame) {
      firstMs ??= clock.nowMs();
      frames.push(frame);
      tokens += frame.tokens;
    },
    draft(finishReason, mostTokens) {
      let completionTokens = 0;
      const kept = frames.filter((frame) => {
        completionTokens += frame.tokens;
        if (completionTokens <= mostTokens) return true;
        completionTokens -= frame.tokens;
        return false;
      });
      const nowMs = clock.nowMs();
      const knowsIds = kept.every(({ tokenIds }) => tokenIds !== null);
      const hasLogprobs = facts.body.params.topLogprobs > 0;
      const promptTokens = facts.promptTokens ?? this.end?.promptTokens ?? 0;
      return {
        requestHash: facts.requestHash,
        responseHash: responseHashOf(crypto, salt, utf8ToBytes(kept.map(({ text }) => text).join(''))),
        artifact: facts.body.artifact,
        model: facts.model,
        paramsHash: hashInferParams(crypto, facts.body.params),
        samplerSeed: this.end?.seed ?? null,
        ...(facts.engineClass === null ? {} : { engineClass: facts.engineClass }),
        promptTokens,
        cachedTokens: smaller(this.end?.cachedTokens ?? 0, promptTokens),
        completionTokens,
        tokenIdsRoot: tokenIdsRoot(
          crypto,
          salt,
          knowsIds ? kept.flatMap(({ tokenIds }) => tokenIds ?? []) : null,
        ),
        logprobRoot: logprobRoot(
          crypto,
          salt,
          hasLogprobs ? kept.flatMap(({ logprobs }) => (logprobs ?? []).map(({ logprob }) => logprob)) : null,
        ),
        ttftMs: (firstMs ?? nowMs) - startMs,
        durationMs: nowMs - startMs,
        finishReason,
        tier: knowsIds ? facts.tier : 0,
      };
    },
  };
}

/**
 * A delta as frames of at most `mostTokens`, so that paying keeps up with sending. The text travels with the
 * last of them: what is not paid is not shown.
 */
export function deltaToFrames(delta: Delta, mostTokens: number): DeltaFrame[] {
  const { tokenIds } = delta;
  const text = delta.text.toWellFormed();
  const logprobs = delta.logprobs === null ? null : delta.logprobs.map(fitLogprob);
  if (tokenIds === null) return [{ type: 'delta', text, tokens: 1, tokenIds: null, logprobs }];
  const frames: DeltaFrame[] = [];
  let at = 0;
  do {
    const until = smaller(at + mostTokens, tokenIds.length);
    const ids = tokenIds.slice(at, until);
    const isLast = until === tokenIds.length;
    frames.push({
      type: 'delta',
      text: isLast ? text : '',
      tokens: ids.length,
      tokenIds: ids,
      logprobs: logprobs === null ? null : logprobs.slice(at, isLast ? logprobs.length : until),
    });
    at = until;
  } while (at < tokenIds.length);
  return frames;
}

/** Impossible tokens have minus infinity, which no frame carries. */
const LEAST_LOGPROB = -1e9;

function fitLogprob({ tokenId, text, logprob, top }: TokenLogprob): TokenLogprob {
  const bounded = (token: { tokenId: number; text: string; logprob: number }) => ({
    tokenId: token.tokenId,
    text: token.text.toWellFormed(),
    logprob: Math.max(token.logprob, LEAST_LOGPROB),
  });
  return { ...bounded({ tokenId, text, logprob }), top: top.map(bounded) };
}

/** Frames without text for tokens that an engine without ids counted only at its end. */
export function lateTokenFrames(tokens: number, mostTokens: number): DeltaFrame[] {
  const frames: DeltaFrame[] = [];
  for (let left = tokens; left > 0; left -= mostTokens) {
    frames.push({
      type: 'delta',
      text: '',
      tokens: smaller(left, mostTokens),
      tokenIds: null,
      logprobs: null,
    });
  }
  return frames;
}

function smaller(one: number, other: number): number {
  return one < other ? one : other;
}
