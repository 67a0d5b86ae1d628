import { fileURLToPath } from 'node:url';
import { createPureCrypto } from '@cairn/core';
import type { Calibration } from '@cairn/mechanisms';
import type { AnswerReview } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { lowerBound, upperBound } from '../../src/cheats/binomial.ts';
import { startEngine } from '../../src/cheats/engine-process.ts';
import { judge } from '../../src/cheats/judge.ts';
import { provide } from '../../src/cheats/provide.ts';
import { CONDUCTS, type Conduct, type Sample } from '../../src/cheats/sample.ts';

const modelPath = (name: string) =>
  fileURLToPath(new URL(`../../../../models/cairn-crontab/crontab-${name}.gguf`, import.meta.url));
const models = {
  claimed: modelPath('f16'),
  quantised: modelPath('q8_0'),
  weaker: modelPath('base-f16'),
};
const native = { variant: 'native', threads: 1, parallel: 1 };

/** Nearest quantisations differ by little, and by how much depends on the processor: no one question tells them apart. */
const questions = [
  'at 6:40 pm on the 3rd and 17th',
  'every day at noon',
  'every fifteen minutes on weekdays',
  'on the first of each month at 4 am',
  'on Sunday at 23:30',
  'every two hours in January',
] as const;

const aSample = (conduct: Conduct, question: string = questions[0]): Sample => ({
  use: 'judge',
  conduct,
  provider: 0,
  reviewer: 0,
  question,
  temperature: 0,
  seed: 4,
});

/** Limits such as the bundled model has. */
const limits: Calibration = {
  artifact: new Uint8Array(32),
  engine: 'test',
  environments: [],
  answers: 1,
  tokens: 1n,
  headroomPercent: 300,
  marginNano: 20_000_000n,
  leastAgreementPpm: 1_000_000,
  mostDriftPpb: 10_000_000n,
  endMarginNano: 20_000_000n,
  honestDistancePpm: 0,
};

describe('planted providers, really run', () => {
  it('are found, and the honest one on an older processor is not', async () => {
    await using engine = await startEngine(native, models);
    await using old = await startEngine({ ...native, variant: 'x64' }, models);
    expect(await startEngine({ ...native, variant: 'nonsense' }, models)).toBeNull();
    const codesOf = async (
      conduct: Conduct,
      run = engine!.run,
      question: string = questions[0],
    ): Promise<readonly string[]> => {
      const sample = aSample(conduct, question);
      const claimed = await provide({ run, claimedMs: null, last: null }, sample);
      const { promptTokens, tokenIds: answerTokens } = claimed;
      const asked = { promptTokens, answerTokens, temperature: 0, topP: 1, seed: sample.seed };
      const review: AnswerReview = await engine!.run({ op: 'review', model: 'claimed', ...asked });
      return judge(createPureCrypto(), limits, { sample, claimed, review }).codes;
    };
    expect(await codesOf('honest')).toEqual([]);
    if (old !== null) expect(await codesOf('honest', old.run)).toEqual([]);
    const codesOfAll: string[] = [];
    for (const question of questions) {
      expect(await codesOf('honest', engine!.run, question), question).toEqual([]);
      codesOfAll.push(...(await codesOf('other quantisation', engine!.run, question)));
    }
    expect(codesOfAll).toContain('LOGPROBS_DISAGREE');
    expect(await codesOf('weaker model')).toContain('LOGPROBS_DISAGREE');
    expect(await codesOf('cut short, says it ended')).toEqual(['CUT_SHORT']);
    expect(await codesOf('cut short, says it was full')).toEqual(['FINISH_WRONG']);
    expect(await codesOf('replayed text')).toContain('TOKENS_DISAGREE');
    expect(await codesOf('usage inflated by count')).toEqual(['USAGE_INFLATED']);
    expect(await codesOf('usage inflated by short tokens')).toContain('TOKENS_DISAGREE');
    expect(engine!.cpuMs()).toBeGreaterThan(0);
    expect(CONDUCTS).toHaveLength(10);
  }, 120_000);

  it('fail with a reason when a model is not there', async () => {
    await expect(startEngine(native, { claimed: '/nowhere.gguf' })).rejects.toThrow(/nowhere/u);
  }, 60_000);
});

describe('bounds of a rate', () => {
  it('are those of Clopper and Pearson', () => {
    expect(upperBound(0, 10_000)).toBeCloseTo(1 - 0.05 ** (1 / 10_000), 9);
    expect(upperBound(0, 10_000)).toBeCloseTo(2.995e-4, 6);
    expect(upperBound(1, 20)).toBeCloseTo(0.2161, 3);
    expect(lowerBound(20, 20)).toBeCloseTo(0.05 ** (1 / 20), 6);
    expect(upperBound(0, 0)).toBe(1);
    expect(lowerBound(0, 0)).toBe(0);
    expect(upperBound(7, 7)).toBe(1);
  });
});
