import type { Crypto } from '@cairn/core';
import type { LoadedModel } from '@cairn/protocol';
import type { Calibration } from './calibration.ts';
import { LEAST_FAILED, type OpenedAnswer } from './case-evidence.ts';
import { type CheckCode, checkAnswer } from './check-answer.ts';

/** Faults that no rounding of an honest machine explains: one of them is enough. */
const ARITHMETIC: ReadonlySet<CheckCode> = new Set([
  'USAGE_INFLATED',
  'FINISH_WRONG',
  'TEXT_OF_OTHER_TOKENS',
]);

/** What a check of one disclosed answer came to. `notJudged` says nothing for or against the provider. */
export type AnswerVerdict =
  | { readonly kind: 'passed'; readonly driftPpb: bigint }
  | { readonly kind: 'failed'; readonly codes: readonly CheckCode[]; readonly driftPpb: bigint }
  | { readonly kind: 'notJudged'; readonly reason: string };

export interface ReviewParts {
  readonly crypto: Crypto;
  /** Holds the very artifact of the answer. */
  readonly model: Pick<LoadedModel, 'tokenize' | 'review' | 'capabilities'>;
  /** Of that artifact and of the engine that answered. */
  readonly calibration: Calibration;
  /** Tokens that the provider's offer promises to hold; null: unknown, and being full is then no fault. */
  readonly contextTokens: number | null;
}

/**
 * Puts question and answer through the reviewer's own model once and compares by the calibrated limits.
 *
 * Only plain text is judged: what tools, forms, tasks and continued answers add to a prompt is not in the receipt.
 *
 * Cost: one prefill pass of the model.
 */
export async function reviewDisclosed(
  { crypto, model, calibration, contextTokens }: ReviewParts,
  { receipt, body, tokenIds, logprobs, text }: OpenedAnswer,
): Promise<AnswerVerdict> {
  const notJudged = (reason: string): AnswerVerdict => ({ kind: 'notJudged', reason });
  if (body.shape !== undefined || body.task !== undefined || body.prefill !== undefined)
    return notJudged('it is not plain text');
  if (receipt.finishReason !== 'stop' && receipt.finishReason !== 'length')
    return notJudged('the answer did not come to its end');
  if (model.review === undefined) return notJudged('the engine here cannot review');
  const promptTokens = await model.tokenize(body.prompt);
  if (promptTokens === null || promptTokens.length === 0) return notJudged('the engine here tells no tokens');
  if (promptTokens.length + tokenIds.length >= model.capabilities.contextTokens)
    return notJudged('question and answer are longer than the context here');
  if (tokenIds.length === 0) return notJudged('the answer is empty');
  const { maxTokens, temperature, topP, stop } = body.params;
  const seed = receipt.samplerSeed ?? 0;
  const review = await model.review({ promptTokens, answerTokens: tokenIds, temperature, topP, seed });
  const check = checkAnswer(
    crypto,
    calibration,
    {
      ...{ receipt, promptTokens, tokenIds, logprobs, text },
      salt: body.salt,
      request: { maxTokens, temperature, stop },
      contextTokens: contextTokens ?? promptTokens.length + maxTokens,
    },
    review,
  );
  if (check.kind === 'unusable') return notJudged(`its ${check.reason} are not what the provider signed`);
  const { driftPpb } = check.measures;
  const codes = [...new Set(check.findings.map(({ code }) => code))].filter(
    (code) => code !== 'FINISH_WRONG' || contextTokens !== null || tokenIds.length > maxTokens,
  );
  return codes.length === 0 ? { kind: 'passed', driftPpb } : { kind: 'failed', codes, driftPpb };
}

/** Whether these verdicts on one provider's answers, near each other, are enough to ask for a verdict. */
export function isEnoughToAccuse(verdicts: readonly AnswerVerdict[]): boolean {
  const failed = verdicts.filter((verdict) => verdict.kind === 'failed');
  return (
    failed.length >= LEAST_FAILED || failed.some(({ codes }) => codes.some((code) => ARITHMETIC.has(code)))
  );
}
