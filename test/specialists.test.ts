import { createPureCrypto } from '@cairn/core';
import { createSeededRandom } from '@cairn/mechanisms';
import { describe, expect, it } from 'vitest';
import { SPECIALISTS } from '../examples/specialists/index.ts';
import { readIso } from '../examples/specialists/iso-time.ts';
import { toOrdinal, toWords } from '../examples/specialists/numbers.ts';
import { isHeldOut, UNSUPPORTED } from '../examples/specialists/specialist.ts';
import { examplesToLearn, examplesToTest } from '../examples/specialists/write-examples.ts';

const SEED = Uint8Array.of(20, 26);

/** Texts that are no right answer to anything. */
const NONSENSE = [
  '',
  ' ',
  'yes',
  'P',
  'PT',
  'T',
  '{}',
  '[]',
  'null',
  '* * * *',
  '99 * * * *',
  '2026-02-30',
  '{"value":"3"}',
];

describe.each(Object.values(SPECIALISTS))('the specialist for $name', (specialist) => {
  const random = createSeededRandom(createPureCrypto(), SEED);
  const examples = Array.from({ length: 3_000 }, () => specialist.draw(random));

  it('finds its own answers right, and no nonsense', () => {
    for (const { question, answer } of [...examples, ...specialist.wild]) {
      expect(specialist.isRight(answer, answer), `${question} → ${answer}`).toBe(true);
      for (const other of NONSENSE)
        expect(specialist.isRight(answer, other), `${answer} / ${other}`).toBe(false);
    }
  });

  it('tells answers that mean different things apart', () => {
    const answers = [...new Set(examples.map(({ answer }) => answer))];
    let same = 0;
    for (let index = 1; index < answers.length; index++)
      if (specialist.isRight(answers[index - 1]!, answers[index]!)) same += 1;
    // Two draws can happen to mean the same in other words, such as PT90M and PT1H30M.
    expect(same).toBeLessThan(answers.length / 100);
  });

  it('asks in plain sentences that fit its context', () => {
    for (const { question, answer } of examples) {
      expect(question, question).not.toMatch(/undefined|NaN|null|\s{2}|^\s|\s$/);
      expect(question.length + answer.length, question).toBeLessThan(200);
    }
  });

  it('says that it cannot about one time in twenty', () => {
    const refused = examples.filter(({ answer }) => answer === UNSUPPORTED).length;
    expect(refused / examples.length).toBeGreaterThan(0.02);
    expect(refused / examples.length).toBeLessThan(0.1);
  });

  it('never learns from an answer that it is tested with', () => {
    const learnt = new Set<string>();
    const stream = examplesToLearn(specialist);
    for (let index = 0; index < 1_000; index++) learnt.add(stream.next().value.answer);
    const tested = examplesToTest(specialist, 100);
    expect(tested).toHaveLength(100);
    for (const { answer } of tested) {
      expect(isHeldOut(answer)).toBe(true);
      expect(learnt.has(answer), answer).toBe(false);
    }
  });
});

describe('numbers in words', () => {
  it('are English', () => {
    expect([0, 7, 13, 20, 42, 90, 100, 115, 999].map(toWords)).toEqual([
      'zero',
      'seven',
      'thirteen',
      'twenty',
      'forty-two',
      'ninety',
      'one hundred',
      'one hundred and fifteen',
      'nine hundred and ninety-nine',
    ]);
    expect([1, 2, 3, 4, 11, 12, 13, 21, 30].map((value) => toOrdinal(value, false))).toEqual(
      '1st 2nd 3rd 4th 11th 12th 13th 21st 30th'.split(' '),
    );
    expect([1, 5, 12, 20, 21, 30, 31].map((value) => toOrdinal(value, true))).toEqual(
      'first fifth twelfth twentieth twenty-first thirtieth thirty-first'.split(' '),
    );
  });
});

describe('answers in ISO 8601', () => {
  it.each([
    ['PT90M', 'PT1H30M'],
    ['P2W', 'P14D'],
    ['P1Y6M', 'P18M'],
    ['2026-11-22T15:05:00Z', '2026-11-22T17:05:00+02:00'],
    ['2026-11-22T15:05', '2026-11-22T15:05:00'],
  ])('%s and %s mean the same', (a, b) => {
    expect(readIso(a)).not.toBeNull();
    expect(readIso(a)).toEqual(readIso(b));
  });

  it.each([
    'P1W2D',
    'PT',
    'P1DT',
    '2026-13-01',
    '2026-02-29',
    '24:00',
    '12:60',
    '2026-11T10:00',
    '15:05Z',
    '10:00:00+15:00',
  ])('%s is none', (text) => {
    expect(readIso(text)).toBeNull();
  });
});
