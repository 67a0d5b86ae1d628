import { adapterTensors, type ModelConfig, modelTensors } from '@cairn/training';
import { createNativeEngine } from '@cairn/training/node';
import { describe, expect, it } from 'vitest';
import { describeTrainingEngine } from '../../../../protocol/test/ports/training-engine-compliance.ts';
import { anEngineCase } from '../../support/engine-case.ts';
import { slopeErrors } from '../../support/finite-differences.ts';
import { someBatch, someTensors, TINY_GPT2, TINY_LLAMA } from '../../support/models.ts';

const SHAPE = { rows: 2, length: 8 };

const MODELS: Readonly<Record<string, ModelConfig>> = {
  'a llama with shared keys, tied': TINY_LLAMA,
  'a llama with keys of its own, untied': { ...TINY_LLAMA, kvHeads: 4, tied: false },
  'a gpt2, tied': TINY_GPT2,
  'a gpt2, untied': { ...TINY_GPT2, tied: false },
};

describe('the native engine', () => {
  it.each(Object.entries(MODELS))(
    'has for every tensor of %s the gradient that the loss has',
    async (_, model) => {
      await using engine = await createNativeEngine({ model, ...SHAPE, threads: 1 });
      const parameters = someTensors(modelTensors(model), 7);
      const batch = someBatch({ ...SHAPE, vocab: model.vocab }, { weighted: true });
      const errors = await slopeErrors(engine, parameters, batch);
      expect([...errors.keys()]).toEqual(modelTensors(model).map(({ name }) => name));
      for (const [name, error] of errors) expect(error, name).toBeLessThan(5e-3);
    },
  );

  it('has gradients of an adapter alone when the model is frozen', async () => {
    const adapter = { rank: 3, alpha: 6, targets: ['q_proj', 'v_proj', 'down_proj'] };
    await using engine = await createNativeEngine({ model: TINY_LLAMA, ...SHAPE, adapter, threads: 1 });
    const trained = adapterTensors(TINY_LLAMA, adapter);
    expect(engine.tensors).toEqual(trained);
    const parameters = someTensors([...modelTensors(TINY_LLAMA), ...trained], 11);
    const errors = await slopeErrors(engine, parameters, someBatch({ ...SHAPE, vocab: TINY_LLAMA.vocab }));
    for (const [name, error] of errors) expect(error, name).toBeLessThan(5e-3);
  });
});

const CASES = {
  'onnxruntime-node, llama': { model: TINY_LLAMA, ...SHAPE },
  'onnxruntime-node, gpt2': { model: TINY_GPT2, ...SHAPE },
  'onnxruntime-node, an adapter': {
    ...{ model: TINY_LLAMA, ...SHAPE },
    adapter: { rank: 2, alpha: 4, targets: ['q_proj', 'up_proj'] },
  },
};

for (const [name, options] of Object.entries(CASES)) {
  describeTrainingEngine(name, async () =>
    anEngineCase(await createNativeEngine({ ...options, threads: 2 }), options),
  );
}
