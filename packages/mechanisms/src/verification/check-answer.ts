import { areBytesEqual, type Crypto, utf8ToBytes } from '@cairn/core';
import {
  type AnswerReview,
  logprobRoot,
  type Receipt,
  type ReceiptFinishReason,
  responseHashOf,
  tokenIdsRoot,
} from '@cairn/protocol';
import type { Calibration } from './calibration.ts';
import { type AnswerMeasures, measureAnswer } from './measure-answer.ts';

const PPM = 1_000_000n;

/** What a receipt says that a check reads. */
export type CheckedReceipt = Pick<
  Receipt,
  | 'responseHash'
  | 'tokenIdsRoot'
  | 'logprobRoot'
  | 'samplerSeed'
  | 'promptTokens'
  | 'completionTokens'
  | 'finishReason'
>;

/** A canary, or a request that its payer discloses, with the answer as it came. */
export interface DisclosedAnswer {
  readonly receipt: CheckedReceipt;
  /** Token ids of the request, by the reviewer's own tokenizer. */
  readonly promptTokens: readonly number[];
  readonly tokenIds: readonly number[];
  readonly logprobs: readonly number[] | null;
  readonly text: string;
  /** Of the request's body: hashes on the receipt are mixed with it. */
  readonly salt: Uint8Array;
  readonly request: {
    readonly maxTokens: number;
    readonly temperature: number;
    readonly stop: readonly string[];
  };
  /** Tokens the artifact holds, as its card says. */
  readonly contextTokens: number;
}

export type CheckCode =
  | 'USAGE_INFLATED'
  | 'FINISH_WRONG'
  | 'CUT_SHORT'
  | 'TEXT_OF_OTHER_TOKENS'
  | 'TOKENS_DISAGREE'
  | 'LOGPROBS_DISAGREE';

export interface CheckFinding {
  readonly code: CheckCode;
  readonly has: bigint;
  readonly limit: bigint;
}

/**
 * `unusable`: what was disclosed is not what the provider signed, which proves nothing against the provider.
 * `checked` without findings: the answer passed.
 */
export type AnswerCheck =
  | { readonly kind: 'unusable'; readonly reason: 'tokens' | 'logprobs' | 'text' | 'empty' }
  | {
      readonly kind: 'checked';
      readonly measures: AnswerMeasures;
      readonly findings: readonly CheckFinding[];
    };

/**
 * Tier 1: one answer against one prefill pass of the same artifact, by the limits calibrated for that artifact.
 *
 * The receipt's signature and the hash of the request are checked before: here the receipt is the provider's word.
 */
export function checkAnswer(
  crypto: Crypto,
  calibration: Calibration,
  disclosed: DisclosedAnswer,
  review: AnswerReview,
): AnswerCheck {
  const reason = findMismatch(crypto, disclosed);
  if (reason !== null) return { kind: 'unusable', reason };
  const { receipt, request, logprobs } = disclosed;
  const stop = stopOf(disclosed, review.text);
  const measures = measureAnswer(review, logprobs, {
    claimsEnd: receipt.finishReason === 'stop' && stop === null,
    checksPicks: request.temperature === 0 || receipt.samplerSeed !== null,
  });
  const findings = [
    ...checkCounts(disclosed),
    ...checkText(disclosed, review.text, stop),
    ...checkMeasures(calibration, measures),
  ];
  return { kind: 'checked', measures, findings };
}

function findMismatch(crypto: Crypto, { receipt, tokenIds, logprobs, text, salt }: DisclosedAnswer) {
  if (tokenIds.length === 0) return 'empty';
  if (!areBytesEqual(tokenIdsRoot(crypto, salt, tokenIds), receipt.tokenIdsRoot)) return 'tokens';
  if (logprobs !== null && logprobs.length !== tokenIds.length) return 'logprobs';
  if (!areBytesEqual(logprobRoot(crypto, salt, logprobs), receipt.logprobRoot)) return 'logprobs';
  return areBytesEqual(responseHashOf(crypto, salt, utf8ToBytes(text)), receipt.responseHash) ? null : 'text';
}

/** The stop text that cut this answer; null when none did. */
function stopOf({ text, request }: DisclosedAnswer, spelled: string): string | null {
  return request.stop.find((stop) => stop !== '' && spelled.startsWith(text + stop)) ?? null;
}

function* checkCounts({
  receipt,
  promptTokens,
  tokenIds,
  request,
  contextTokens,
}: DisclosedAnswer): Generator<CheckFinding> {
  const inflated = (has: number, limit: number): CheckFinding => ({
    code: 'USAGE_INFLATED',
    has: BigInt(has),
    limit: BigInt(limit),
  });
  if (receipt.completionTokens > tokenIds.length) yield inflated(receipt.completionTokens, tokenIds.length);
  if (receipt.promptTokens > promptTokens.length) yield inflated(receipt.promptTokens, promptTokens.length);
  const room = Math.min(request.maxTokens, contextTokens - promptTokens.length);
  if (isLengthFalse(receipt.finishReason, tokenIds.length, room)) {
    yield { code: 'FINISH_WRONG', has: BigInt(tokenIds.length), limit: BigInt(room) };
  }
}

const isLengthFalse = (reason: ReceiptFinishReason, tokens: number, room: number): boolean =>
  tokens > room || (reason === 'length' && tokens < room);

function* checkText(
  { text }: DisclosedAnswer,
  spelled: string,
  stop: string | null,
): Generator<CheckFinding> {
  if (text === spelled || stop !== null) return;
  yield { code: 'TEXT_OF_OTHER_TOKENS', has: BigInt(text.length), limit: BigInt(spelled.length) };
}

function* checkMeasures(limits: Calibration, measures: AnswerMeasures): Generator<CheckFinding> {
  const { marginsNano, driftPpb, endMarginNano } = measures;
  const agreeing = marginsNano.filter((margin) => margin <= limits.marginNano).length;
  const agreementPpm = (BigInt(agreeing) * PPM) / BigInt(marginsNano.length);
  const leastPpm = BigInt(limits.leastAgreementPpm);
  if (agreementPpm < leastPpm) yield { code: 'TOKENS_DISAGREE', has: agreementPpm, limit: leastPpm };
  if (driftPpb > limits.mostDriftPpb) {
    yield { code: 'LOGPROBS_DISAGREE', has: driftPpb, limit: limits.mostDriftPpb };
  }
  if (endMarginNano !== null && endMarginNano > limits.endMarginNano) {
    yield { code: 'CUT_SHORT', has: endMarginNano, limit: limits.endMarginNano };
  }
}
