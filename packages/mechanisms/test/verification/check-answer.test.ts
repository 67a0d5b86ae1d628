import { describe, expect, it } from 'vitest';
import { checkAnswer, decodeCalibration, encodeCalibration } from '../../src/index.ts';
import { aCalibration, anAnswer, aReview, crypto } from './answers.ts';

const calibration = aCalibration();
const codesOf = (...[answer, review]: [ReturnType<typeof anAnswer>, ReturnType<typeof aReview>]) => {
  const check = checkAnswer(crypto, calibration, answer, review);
  return check.kind === 'checked' ? check.findings.map(({ code }) => code) : check.reason;
};

describe('the check of an answer', () => {
  it('passes what agrees', () => {
    expect(codesOf(anAnswer(), aReview('abc'))).toEqual([]);
    expect(codesOf(anAnswer({ logprobs: null }), aReview('abc'))).toEqual([]);
  });

  it('passes picks and log probabilities that are off by no more than honest ones are', () => {
    const near = Number(calibration.marginNano) / 1e9;
    expect(codesOf(anAnswer(), aReview('abc', {}, near))).toEqual([]);
    expect(codesOf(anAnswer({ logprobs: [-0.5, -0.5005, -0.5] }), aReview('abc'))).toEqual([]);
  });

  it.each([
    ['TOKENS_DISAGREE', anAnswer(), aReview('abc', {}, 0.5)],
    ['TOKENS_DISAGREE', anAnswer(), aReview('abc', {}, Number.POSITIVE_INFINITY)],
    ['LOGPROBS_DISAGREE', anAnswer({ logprobs: [-0.5, -0.6, -0.5] }), aReview('abc')],
    ['LOGPROBS_DISAGREE', anAnswer({ logprobs: [-0.5, Number.NaN, -0.5] }), aReview('abc')],
    ['CUT_SHORT', anAnswer(), aReview('abc', { endMargin: 3 })],
    ['FINISH_WRONG', anAnswer({}, { finishReason: 'length' }), aReview('abc')],
    [
      'FINISH_WRONG',
      anAnswer({ request: { maxTokens: 2, temperature: 0, stop: [] } }, { finishReason: 'length' }),
      aReview('abc'),
    ],
    ['USAGE_INFLATED', anAnswer({}, { completionTokens: 4 }), aReview('abc')],
    ['USAGE_INFLATED', anAnswer({}, { promptTokens: 5 }), aReview('abc')],
    ['TEXT_OF_OTHER_TOKENS', anAnswer({ text: 'xyz' }), aReview('abc')],
    ['TEXT_OF_OTHER_TOKENS', anAnswer({ text: 'ab' }), aReview('abc')],
  ])('finds %s', (code, answer, review) => {
    expect(codesOf(answer, review)).toEqual([code]);
  });

  it('takes less than was used for no fault, nor an answer that filled its room', () => {
    expect(codesOf(anAnswer({}, { completionTokens: 2, promptTokens: 1 }), aReview('abc'))).toEqual([]);
    const full = { request: { maxTokens: 3, temperature: 0, stop: [] } };
    expect(codesOf(anAnswer(full, { finishReason: 'length' }), aReview('abc', { endMargin: 9 }))).toEqual([]);
  });

  it('lets a stop text end an answer, and only where it stands', () => {
    const request = { maxTokens: 10, temperature: 0, stop: ['c'] };
    expect(codesOf(anAnswer({ text: 'ab', request }), aReview('abc', { endMargin: 9 }))).toEqual([]);
    expect(codesOf(anAnswer({ text: 'a', request }), aReview('abc'))).toEqual(['TEXT_OF_OTHER_TOKENS']);
  });

  it('checks no pick of a sampled answer whose seed nobody knows', () => {
    const request = { maxTokens: 10, temperature: 1, stop: [] };
    expect(codesOf(anAnswer({ request }), aReview('abc', { endMargin: 5 }, 5))).toEqual([]);
    expect(codesOf(anAnswer({ request }, { samplerSeed: 1 }), aReview('abc', {}, 5))).toEqual([
      'TOKENS_DISAGREE',
    ]);
  });

  it.each([
    ['tokens', anAnswer({}, { tokenIdsRoot: new Uint8Array(32) })],
    ['logprobs', anAnswer({}, { logprobRoot: new Uint8Array(32).fill(1) })],
    ['logprobs', anAnswer({ logprobs: [-1] })],
    ['text', anAnswer({}, { responseHash: new Uint8Array(32) })],
    ['empty', anAnswer({ tokenIds: [], logprobs: [] })],
  ])('holds nothing against a provider when the disclosed %s are not what it signed', (reason, answer) => {
    expect(codesOf(answer, aReview('abc'))).toBe(reason);
  });
});

describe('a calibration', () => {
  it('survives its bytes, and refuses others', () => {
    const bytes = encodeCalibration(calibration);
    expect(decodeCalibration(bytes)).toEqual(calibration);
    expect(() => decodeCalibration(bytes.subarray(1))).toThrow();
    expect(() => decodeCalibration(Uint8Array.of(...bytes, 0))).toThrow();
  });

  it('is three times the worst honest drift, and twice that for picks', () => {
    expect(calibration.mostDriftPpb).toBe(3n * 1_564_500n);
    expect(calibration.marginNano).toBe(6n * 1_564_500n);
  });
});
