import { createPureCrypto, utf8ToBytes } from '@cairn/core';
import { type AnswerReview, logprobRoot, responseHashOf, tokenIdsRoot } from '@cairn/protocol';
import { type Calibration, calibrate, type DisclosedAnswer, type HonestRun } from '../../src/index.ts';
import type { AnswerMeasures } from '../../src/verification/measure-answer.ts';

export const crypto = createPureCrypto();
export const artifact = new Uint8Array(32).fill(7);

/** Drifts of an honest environment: some thousandth of a nat, more or less. */
export const honestDrifts = (count: number, scale = 1_000_000): bigint[] =>
  Array.from({ length: count }, (_, at) => BigInt(Math.round(scale * (0.5 + ((at * 37) % 100) / 100))));

export function anHonestRun(environment: string, scale = 1_000_000, count = 100): HonestRun {
  const answers = honestDrifts(count, scale).map(
    (driftPpb): AnswerMeasures => ({
      marginsNano: [0n, 0n],
      meanDeltaNano: 10n,
      driftPpb,
      endMarginNano: 0n,
    }),
  );
  return { environment, answers };
}

export const aCalibration = (): Calibration =>
  calibrate({ artifact, engine: 'test 1' }, [
    anHonestRun('a'),
    anHonestRun('b', 1_050_000),
    anHonestRun('c'),
  ]);

/** A review that agrees with every token, or is off where said. */
export function aReview(text: string, changes: Partial<AnswerReview> = {}, margin = 0): AnswerReview {
  return {
    tokens: [1, 2, 3].map((pick) => ({ logprob: -0.5, pick, margin: pick === 2 ? margin : 0 })),
    endMargin: 0,
    text,
    ...changes,
  };
}

/** An answer of three tokens, with a receipt that commits to what it says. */
export function anAnswer(
  changes: Partial<DisclosedAnswer> = {},
  receipt: Partial<DisclosedAnswer['receipt']> = {},
): DisclosedAnswer {
  const answer = {
    promptTokens: [9, 9, 9, 9],
    tokenIds: [1, 2, 3],
    logprobs: [-0.5, -0.5, -0.5] as readonly number[] | null,
    text: 'abc',
    salt: new Uint8Array(16).fill(4),
    request: { maxTokens: 10, temperature: 0, stop: [] },
    contextTokens: 100,
    ...changes,
  };
  return {
    ...answer,
    receipt: {
      responseHash: responseHashOf(crypto, answer.salt, utf8ToBytes(answer.text)),
      tokenIdsRoot: tokenIdsRoot(crypto, answer.salt, answer.tokenIds),
      logprobRoot: logprobRoot(crypto, answer.salt, answer.logprobs),
      samplerSeed: null,
      promptTokens: 4,
      completionTokens: answer.tokenIds.length,
      finishReason: 'stop',
      ...receipt,
    },
  };
}
