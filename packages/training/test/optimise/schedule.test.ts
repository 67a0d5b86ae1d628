import { learningRateAt, type ScheduleOptions } from '@cairn/training';
import { describe, expect, it } from 'vitest';

const rates = (options: ScheduleOptions): number[] =>
  Array.from({ length: options.steps }, (_, step) => learningRateAt(options, step));

const expectRates = (found: readonly number[], expected: readonly number[]): void => {
  expect(found).toHaveLength(expected.length);
  for (const [at, rate] of expected.entries()) expect(found[at], `step ${at}`).toBeCloseTo(rate, 12);
};

describe('the learning rate', () => {
  it('rises in equal parts while it warms up', () => {
    expectRates(rates({ kind: 'constant', peak: 1, warmup: 4, steps: 6 }), [0.25, 0.5, 0.75, 1, 1, 1]);
  });

  it('falls along half a wave to its minimum', () => {
    const found = rates({ kind: 'cosine', peak: 2, minimum: 0.1, warmup: 2, steps: 10 });
    const wave = (step: number): number => 2 * (0.1 + 0.9 * 0.5 * (1 + Math.cos((Math.PI * step) / 8)));
    expectRates(found, [1, 2, ...[0, 1, 2, 3, 4, 5, 6, 7].map(wave)]);
    expect(learningRateAt({ kind: 'cosine', peak: 2, minimum: 0.1, steps: 10 }, 25)).toBeCloseTo(0.2, 12);
  });

  it('stays, and falls in equal parts at the end', () => {
    const found = rates({ kind: 'wsd', peak: 1, warmup: 2, steps: 12, decayShare: 0.4 });
    expectRates(found, [0.5, 1, 1, 1, 1, 1, 1, 1, 1, 0.75, 0.5, 0.25]);
  });
});
