import { accumulateGradients } from '@cairn/training';
import { createNativeEngine } from '@cairn/training/node';
import { describe, expect, it } from 'vitest';
import { describeTrainingEngine } from '../../../../protocol/test/ports/training-engine-compliance.ts';
import { anEngineCase } from '../../support/engine-case.ts';
import { relativeDifference, someBatch, someTensors, TINY_LLAMA } from '../../support/models.ts';

const micro = { rows: 2, length: 8 };
const open = (rows: number) => createNativeEngine({ model: TINY_LLAMA, ...micro, rows, threads: 1 });

describeTrainingEngine('three micro-batches accumulated', async () =>
  anEngineCase(accumulateGradients(await open(2), { micro, count: 3 }), {
    ...{ model: TINY_LLAMA, length: 8, rows: 6 },
  }),
);

describe('accumulated gradients', () => {
  it('are those of the whole batch, whatever the weights of its parts', async () => {
    await using parts = accumulateGradients(await open(2), { micro, count: 3 });
    await using whole = await open(6);
    const parameters = someTensors(whole.inputs, 3);
    const batch = someBatch({ rows: 6, length: 8, vocab: TINY_LLAMA.vocab }, { weighted: true });
    batch.weights.fill(0, 16, 32);
    const [one, other] = [await parts.step(parameters, batch), await whole.step(parameters, batch)];
    expect(one.loss).toBeCloseTo(other.loss, 5);
    for (const [name, values] of one.gradients)
      expect(relativeDifference(values, other.gradients.get(name)!), name).toBeLessThan(1e-5);
    expect(await parts.loss(parameters, batch)).toBeCloseTo(other.loss, 5);
  });
});
