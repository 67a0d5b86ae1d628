import { describe, expect, it } from 'vitest';
import { aMadeRun, aRecipe } from './parts.ts';

describe('a run of engines that may differ', () => {
  it('is not made where they part so far that its bounds would catch nobody', async () => {
    const unstable = aRecipe({
      engine: 'tolerant',
      inner: { steps: 20, learningRate: 0.3, schedule: 'constant', warmup: 0 },
      outer: { kind: 'dense', learningRate: 1, momentum: 0.9 },
    });
    await expect(aMadeRun(unstable)).rejects.toMatchObject({
      code: 'START_FAILED',
      message: expect.stringContaining('half of the work passes for all of it. Lower inner.learningRate'),
    });
  });
});
