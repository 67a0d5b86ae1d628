import { readFileSync } from 'node:fs';
import type { TrainingEngine } from '@cairn/protocol';
import { adapterTensors, createExactEngine, modelTensors } from '@cairn/training';
import {
  createNativeEngine,
  createTorchEngine,
  loadExactParts,
  type TorchEngineOptions,
} from '@cairn/training/node';
import { afterAll, describe, expect, it } from 'vitest';
import { describeTrainingEngine } from '../../../../protocol/test/ports/training-engine-compliance.ts';
import { anEngineCase } from '../../support/engine-case.ts';
import { relativeDifference, someBatch, someTensors, TINY_GPT2, TINY_LLAMA } from '../../support/models.ts';
import { pythonWithTorch } from '../../support/python.ts';
import { BATCH_SEED, PARAMETER_SEED, TORCH_CASES, type TorchVector } from '../../support/torch-cases.ts';

const SHAPE = { rows: 2, length: 8 };

const vectors: readonly TorchVector[] = JSON.parse(
  readFileSync(new URL('../../vectors/torch.json', import.meta.url), 'utf8'),
);

/** The engine's loss and gradients are those that PyTorch had for the same seeds, within rounding. */
async function expectTorchs(vector: TorchVector, engine: TrainingEngine): Promise<void> {
  const { model, adapter } = vector;
  const tensors = [...modelTensors(model), ...(adapter ? adapterTensors(model, adapter) : [])];
  const batch = someBatch({ ...vector, vocab: model.vocab }, { seed: BATCH_SEED, weighted: true });
  const { loss, gradients } = await engine.step(someTensors(tensors, PARAMETER_SEED), batch);
  expect(Math.abs(loss - vector.loss)).toBeLessThan(1e-5);
  expect([...gradients.keys()].sort()).toEqual(Object.keys(vector.gradients).sort());
  for (const [name, values] of gradients) {
    const bytes = Uint8Array.from(Buffer.from(vector.gradients[name]!, 'base64'));
    expect(relativeDifference(values, new Float32Array(bytes.buffer)), name).toBeLessThan(1e-5);
  }
}

describe('gradients that PyTorch recorded', () => {
  it('cover every kind of model', () => {
    expect(vectors.map(({ name }) => name)).toEqual(TORCH_CASES.map(({ name }) => name));
  });

  it.each(vectors)('are those of the native engine: $name', async (vector) => {
    await using engine = await createNativeEngine({ ...vector, threads: 1 });
    await expectTorchs(vector, engine);
  });

  it.each(vectors)('are those of the exact engine: $name', async (vector) => {
    await using engine = await createExactEngine(await loadExactParts(), vector);
    await expectTorchs(vector, engine);
  });
});

describe('the torch engine', () => {
  it('says what it needs where there is no Python', async () => {
    const opened = createTorchEngine({ model: TINY_LLAMA, ...SHAPE, python: 'no-such-python' });
    await expect(opened).rejects.toMatchObject({ problem: { code: 'ENGINE_FAILED', engine: 'torch' } });
    await expect(opened).rejects.toThrow(/pip install torch/);
  });
});

if (pythonWithTorch !== null) {
  const python = pythonWithTorch;
  const open = (options: Omit<TorchEngineOptions, 'python'>) =>
    createTorchEngine({ ...options, python, threads: 1 });
  const llama = { model: TINY_LLAMA, ...SHAPE };
  const gpt2 = { model: TINY_GPT2, ...SHAPE };

  // A process that imports PyTorch takes seconds to start: each suite has one engine.
  for (const [name, options] of Object.entries({
    PyTorch: llama,
    'PyTorch, gpt2 sharded over two processes': { ...gpt2, processes: 2 },
  })) {
    const opening = open(options);
    opening.catch(() => undefined);
    describeTrainingEngine(name, async () => ({
      ...anEngineCase(await opening, options),
      [Symbol.asyncDispose]: async () => undefined,
    }));
    afterAll(async () => await (await opening)[Symbol.asyncDispose]());
  }

  describe('PyTorch of this machine', () => {
    it.each(vectors)('makes again what it recorded: $name', async (vector) => {
      await using engine = await open(vector);
      await expectTorchs(vector, engine);
    });

    it('sharded over two processes makes what one makes', async () => {
      const vector = vectors[0]!;
      await using engine = await open({ ...vector, processes: 2 });
      await expectTorchs(vector, engine);
    });

    it('computes in halves over parameters that stay floats', async () => {
      await using halves = await open({ ...llama, precision: 'bfloat16' });
      await using floats = await open(llama);
      const parameters = someTensors(floats.inputs, 5);
      const batch = someBatch({ ...SHAPE, vocab: TINY_LLAMA.vocab });
      const [rough, fine] = [await halves.step(parameters, batch), await floats.step(parameters, batch)];
      for (const [name, values] of fine.gradients) {
        const difference = relativeDifference(rough.gradients.get(name)!, values);
        expect(difference, name).toBeGreaterThan(1e-5);
        expect(difference, name).toBeLessThan(0.05);
      }
    });

    it('says why it cannot shard rows that do not divide', async () => {
      await expect(open({ ...llama, rows: 3, processes: 2 })).rejects.toThrow(/3 rows do not divide by 2/);
    });
  });
}
