import { createHash } from 'node:crypto';
import { createPureCrypto, hexToBytes } from '@cairn/core';
import type { TrainingEngine } from '@cairn/protocol';
import { createAdamw, createExactEngine, exactEngineClass, modelTensors } from '@cairn/training';
import { createExactEngineThread, createNativeEngine, loadExactParts } from '@cairn/training/node';
import { afterAll, describe, expect, it } from 'vitest';
import { describeTrainingEngine } from '../../../../protocol/test/ports/training-engine-compliance.ts';
import { anEngineCase, sharedEngineCase } from '../../support/engine-case.ts';
import { slopeErrors } from '../../support/finite-differences.ts';
import { relativeDifference, someBatch, someTensors, TINY_GPT2, TINY_LLAMA } from '../../support/models.ts';

const SHAPE = { rows: 2, length: 8 };
const llama = { model: TINY_LLAMA, ...SHAPE };

describe('the exact engine', () => {
  it.each([TINY_LLAMA, TINY_GPT2])(
    'has the gradients that the loss of a $architecture has',
    async (model) => {
      await using engine = await createExactEngine(await loadExactParts(), { model, ...SHAPE });
      const parameters = someTensors(modelTensors(model), 7);
      const batch = someBatch({ ...SHAPE, vocab: model.vocab }, { weighted: true });
      const errors = await slopeErrors(engine, parameters, batch);
      for (const [name, error] of errors) expect(error, name).toBeLessThan(5e-3);
    },
  );

  it('agrees with the native engine within rounding', async () => {
    await using exact = await createExactEngine(await loadExactParts(), llama);
    await using native = await createNativeEngine({ ...llama, threads: 1 });
    const parameters = someTensors(exact.tensors, 5);
    const batch = someBatch({ ...SHAPE, vocab: TINY_LLAMA.vocab });
    const [one, other] = [await exact.step(parameters, batch), await native.step(parameters, batch)];
    expect(one.loss).toBeCloseTo(other.loss, 5);
    for (const [name, gradient] of one.gradients)
      expect(relativeDifference(gradient, other.gradients.get(name)!), name).toBeLessThan(1e-4);
  });

  it('makes on a thread of its own the bits that it makes here', async () => {
    await using here = await createExactEngine(await loadExactParts(), llama);
    await using there = await createExactEngineThread(llama);
    expect(there).toMatchObject({ engineClass: here.engineClass, isExact: true, tensors: here.tensors });
    expect(await digestOfSteps(there)).toBe(await digestOfSteps(here));
  });

  it('says on its thread why a batch cannot be used, and goes on', async () => {
    await using engine = await createExactEngineThread(llama);
    const parameters = someTensors(engine.tensors, 5);
    const batch = someBatch({ ...SHAPE, vocab: TINY_LLAMA.vocab });
    await expect(engine.step(parameters, { ...batch, ids: batch.ids.map(() => -1) })).rejects.toMatchObject({
      problem: { code: 'BATCH_MALFORMED', reason: 'token -1 is outside the vocabulary of 23' },
    });
    expect((await engine.step(parameters, batch)).loss).toBeGreaterThan(0);
  });

  it('has another class for another shape, model or binary, and the same one for the same', async () => {
    const crypto = createPureCrypto();
    const { wasmBinary } = await loadExactParts();
    const classOf = (options: typeof llama, wasmHash = crypto.sha256(wasmBinary)): string =>
      createHash('sha256').update(exactEngineClass({ crypto, wasmHash }, options)).digest('hex');
    const other = hexToBytes('00'.repeat(32));
    const classes = [
      classOf(llama),
      classOf({ ...llama, rows: 3 }),
      classOf({ ...llama, model: { ...TINY_LLAMA, normEpsilon: 1e-6 } }),
      classOf(llama, other),
    ];
    expect(new Set(classes).size).toBe(4);
    expect(classOf(structuredClone(llama))).toBe(classes[0]);
  });
});

describeTrainingEngine('onnxruntime-web, exact', async () =>
  anEngineCase(await createExactEngine(await loadExactParts(), llama), llama),
);

const onThread = sharedEngineCase(() => createExactEngineThread(llama), llama);
describeTrainingEngine('onnxruntime-web, exact, on a thread', onThread.make);
afterAll(onThread.close);

/** Three steps of training, and all the bits they leave. */
async function digestOfSteps(engine: TrainingEngine): Promise<string> {
  const parameters = someTensors(engine.tensors, 21, 0.1);
  const adamw = createAdamw(engine.tensors);
  const hash = createHash('sha256');
  for (const seed of [1, 2, 3]) {
    const { gradients } = await engine.step(
      parameters,
      someBatch({ ...SHAPE, vocab: TINY_LLAMA.vocab }, { seed }),
    );
    for (const values of gradients.values()) hash.update(values);
    adamw.update(parameters, gradients, 1e-3);
    for (const values of parameters.values()) hash.update(values);
  }
  return hash.digest('hex');
}
