import { describe, expect, it } from 'vitest';
import { batchAt, twinText } from '../../src/training/twin-data.ts';
import { createTwinLearner, twinWeights } from '../../src/training/twin-learner.ts';

describe('the twin learner', () => {
  it('has the gradients that finite differences have', async () => {
    const engine = createTwinLearner();
    const weights = twinWeights(3);
    const batch = batchAt(twinText(1, 500), 2, 2, 8);
    const gradients = new Map(
      Array.from((await engine.step(weights, batch)).gradients, ([name, values]) => [name, values.slice()]),
    );
    for (const { name } of engine.tensors) {
      const values = weights.get(name)!;
      const gradient = gradients.get(name)!;
      let slope = 0;
      const size = 1e-3;
      const direction = values.map((_, i) => Math.sin(i * 7 + 1));
      for (const [i, way] of direction.entries()) slope += way * gradient[i]!;
      const losses = [size, -size].map(async (move) => {
        const moved = new Map(weights).set(
          name,
          values.map((value, i) => value + move * direction[i]!),
        );
        return engine.loss(moved, batch);
      });
      const [up, down] = await Promise.all(losses);
      expect((up! - down!) / (2 * size) / slope, name).toBeCloseTo(1, 2);
    }
  });

  it('starts near the loss of a guess', async () => {
    const loss = await createTwinLearner().loss(twinWeights(1), batchAt(twinText(1, 5_000), 1));
    expect(Math.abs(loss - Math.log(32))).toBeLessThan(0.4);
  });
});
