import { readFileSync } from 'node:fs';
import { createAdamw } from '@cairn/training';
import { describe, expect, it } from 'vitest';
import { aSequence } from '../support/models.ts';

const TENSORS = [
  { name: 'matrix', shape: [5, 7] },
  { name: 'vector', shape: [6] },
];

interface Recorded {
  readonly seed: number;
  readonly steps: readonly { length: number; matrix: number[]; vector: number[] }[];
}

const recorded: Recorded = JSON.parse(
  readFileSync(new URL('../vectors/adamw.json', import.meta.url), 'utf8'),
);

/** Tables of numbers, one after the other from a seed. */
function tables(seed: number): () => Map<string, Float32Array> {
  const next = aSequence(seed);
  return () =>
    new Map(
      TENSORS.map(({ name, shape }) => {
        const length = shape.reduce((product, size) => product * size, 1);
        return [name, Float32Array.from({ length }, () => next() - 0.5)];
      }),
    );
}

describe('AdamW', () => {
  it('moves parameters as that of PyTorch, and decays matrices alone', () => {
    const next = tables(recorded.seed);
    const parameters = next();
    const adamw = createAdamw(TENSORS);
    for (const [at, { length, ...expected }] of recorded.steps.entries()) {
      expect(adamw.update(parameters, next(), 0.01)).toBeCloseTo(length, 5);
      for (const { name } of TENSORS) {
        const found = parameters.get(name)!;
        for (const [index, value] of expected[name as 'matrix' | 'vector'].entries())
          expect(Math.abs(found[index]! - value), `${name}[${index}] after ${at + 1}`).toBeLessThan(1e-6);
      }
    }
    expect(adamw.steps).toBe(8);
  });

  it('starts again from nothing', () => {
    const run = (adamw: ReturnType<typeof createAdamw>): Map<string, Float32Array> => {
      const next = tables(5);
      const parameters = next();
      for (let step = 0; step < 3; step += 1) adamw.update(parameters, next(), 0.01);
      return parameters;
    };
    const adamw = createAdamw(TENSORS);
    const first = run(adamw);
    expect(run(adamw)).not.toEqual(first);
    adamw.reset();
    expect(run(adamw)).toEqual(first);
    expect(adamw.steps).toBe(3);
    expect([...adamw.moments.first.keys()]).toEqual(['matrix', 'vector']);
  });

  it('takes gradients as they are when it is told not to clip', () => {
    const clipped = createAdamw(TENSORS, { clip: 1, weightDecay: 0 });
    const free = createAdamw(TENSORS, { clip: 0, weightDecay: 0 });
    const gradients = tables(9)();
    const length = clipped.update(tables(1)(), gradients, 0.01);
    free.update(tables(1)(), gradients, 0.01);
    expect(length).toBeGreaterThan(1);
    const [small, large] = [clipped, free].map(({ moments }) => moments.first.get('matrix')![0]!);
    expect(large! / small!).toBeCloseTo(length, 4);
  });
});
