import { portableCosine, portableExp, portableLog, portablePower, portableSine } from '@cairn/training';
import { describe, expect, it } from 'vitest';
import { aSequence } from '../support/models.ts';

const SEED = 20;

/** How far apart two numbers are, against the larger of the second and `least`. */
function relative(a: number, b: number, least = 0): number {
  return Math.abs(a - b) / Math.max(Math.abs(b), least);
}

describe('portable functions', () => {
  it.each([
    ['exp', portableExp, Math.exp, (u: number) => (u - 0.5) * 1_200, 0],
    ['log', portableLog, Math.log, (u: number) => Math.exp((u - 0.5) * 1_200), 1e-3],
    ['sine', portableSine, Math.sin, (u: number) => (u - 0.5) * 2_000_000, 1e-3],
    ['cosine', portableCosine, Math.cos, (u: number) => (u - 0.5) * 2_000_000, 1e-3],
  ] as const)('%s agrees with the engine within rounding', (name, ours, theirs, spread, least) => {
    const next = aSequence(SEED);
    let worst = { x: 0, error: 0 };
    for (let i = 0; i < 20_000; i += 1) {
      const x = spread(next());
      const error = relative(ours(x), theirs(x), least);
      if (!(error <= worst.error)) worst = { x, error };
    }
    expect(worst.error, `${name}(${worst.x}), seed ${SEED}`).toBeLessThan(1e-12);
  });

  it('are exact where the answer is', () => {
    expect([portableExp(0), portableLog(1), portableSine(0), portableCosine(0)]).toEqual([1, 0, 0, 1]);
    expect([portablePower(3, 4), portablePower(0.5, 10), portablePower(7, 0)]).toEqual([81, 2 ** -10, 1]);
    expect(relative(portablePower(0.95, 100_000), 0.95 ** 100_000, 1e-300)).toBeLessThan(1e-9);
  });

  it('have these bits everywhere', () => {
    const bitsOf = (x: number): string => new BigUint64Array(Float64Array.of(x).buffer)[0]!.toString(16);
    expect([portableExp(1), portableLog(10_000), portableSine(1), portableCosine(1)].map(bitsOf)).toEqual([
      '4005bf0a8b14576a',
      '40226bb1bbb55516',
      '3feaed548f090cee',
      '3fe14a280fb5068c',
    ]);
  });
});
