import { createPureCrypto } from '@cairn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commitHiddenStates, compareHiddenStates, isWithin, PAPER_LIMITS } from '../../src/index.ts';
import { createSeededRandom } from '../../src/seeded-random.ts';

const WIDTH = 96;

/** Normal numbers (Box and Muller) from a seed, a few of them much larger, as in hidden layers. */
function aLayer(tokens: number, seed: number): Float32Array[] {
  const random = createSeededRandom(createPureCrypto(), new Uint8Array(32).fill(seed));
  const uniform = () => (random.below(2 ** 31) + 1) / 2 ** 31;
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  return Array.from({ length: tokens }, () => Float32Array.from({ length: WIDTH }, () => normal() * 3));
}

/** The same states as another machine has them: off by a part of each value. */
function aNoisy(states: readonly Float32Array[], part: number, seed = 99): Float32Array[] {
  const noise = aLayer(states.length, seed);
  return states.map((state, token) =>
    state.map((value, at) => value * (1 + (part * noise[token]![at]!) / 3)),
  );
}

describe('commitments to hidden states', () => {
  it('take 258 bytes for each 32 tokens', () => {
    expect(commitHiddenStates(aLayer(70, 1)).map(({ length }) => length)).toEqual([258, 258, 258]);
  });

  it('agree exactly with the states they were made from', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 0, max: 255 }), (tokens, seed) => {
        const states = aLayer(tokens, seed);
        for (const comparison of compareHiddenStates(commitHiddenStates(states), states)!)
          expect(comparison).toEqual({ exponentMismatches: 0, meanError: 0, medianError: 0 });
      }),
      { numRuns: 20 },
    );
  });

  it('pass states that differ as those of another machine do, and not those of another model', () => {
    const states = aLayer(32, 2);
    const commitments = commitHiddenStates(states);
    const [near] = compareHiddenStates(commitments, aNoisy(states, 0.002))!;
    const [other] = compareHiddenStates(commitments, aLayer(32, 3))!;
    expect(isWithin(near!, PAPER_LIMITS)).toBe(true);
    expect(isWithin(other!, PAPER_LIMITS)).toBe(false);
    expect(other!.exponentMismatches).toBeGreaterThan(100);
  });

  it('grow further apart with the noise', () => {
    const states = aLayer(32, 4);
    const commitments = commitHiddenStates(states);
    const errors = [0.001, 0.01, 0.1].map(
      (part) => compareHiddenStates(commitments, aNoisy(states, part))![0]!.meanError,
    );
    expect(errors).toEqual([...errors].sort((a, b) => a - b));
    expect(errors[2]).toBeGreaterThan(5);
  });

  it('are refused when cut, padded, of other tokens or out of the field', () => {
    const states = aLayer(32, 5);
    const [commitment] = commitHiddenStates(states);
    const forged = Uint8Array.from(commitment!).fill(255);
    for (const bytes of [
      commitment!.subarray(2),
      new Uint8Array(300),
      new Uint8Array(258),
      forged,
      new Uint8Array(0),
    ])
      expect(compareHiddenStates([bytes], states), `${bytes.length} bytes`).toBeNull();
    expect(compareHiddenStates([commitment!, commitment!], states)).toBeNull();
    expect(compareHiddenStates([], states)).toBeNull();
  });

  it('keep the largest values a float may have', () => {
    const states = [Float32Array.from([3.4e38, -3.4e38, 1, 0, -0])];
    expect(compareHiddenStates(commitHiddenStates(states), states)![0]!.exponentMismatches).toBe(0);
  });

  it.each([
    ['no tokens', []],
    ['no width', [new Float32Array(0)]],
    ['rows of other lengths', [new Float32Array(4), new Float32Array(5)]],
    ['what is no number', [Float32Array.from([1, Number.NaN])]],
    ['what is infinite', [Float32Array.from([1, Number.POSITIVE_INFINITY])]],
  ])('are not made of %s', (_what, states) => {
    expect(() => commitHiddenStates(states)).toThrow(/cannot be committed to/u);
  });
});
