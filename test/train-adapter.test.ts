import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPureCrypto } from '@cairn/core';
import { createInitialWeights, createRelease, modelTensors, trainByteTokenizer } from '@cairn/training';
import { expect, it, onTestFinished } from 'vitest';
import { run } from '../packages/cli/test/run.ts';

const TEXT = Array.from({ length: 60 }, (_, index) => `my cat is called ada and she is ${index} years old`);

/** A folder with a small random model as `train export` writes it, and a text of one paragraph. */
async function aModelFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'cairn-adapter-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const crypto = createPureCrypto();
  const tokenizer = await trainByteTokenizer(TEXT, { vocab: 290, special: ['<|user|>', '<|assistant|>'] });
  const model = {
    ...({ architecture: 'llama', layers: 1, width: 32, heads: 2, kvHeads: 1, hidden: 48 } as const),
    ...{ vocab: tokenizer.model.tokens.length, context: 32, tied: true },
  };
  await createRelease(
    { crypto, keep: (path, bytes) => writeFile(join(folder, path), bytes) },
    {
      facts: {
        ...{
          name: 'cairn/base',
          version: '1',
          description: '',
          licence: 'Apache-2.0',
          model,
          prompt: 'chat',
        },
        ...{ tasks: [], languages: [], royaltyBps: 0, data: [], run: null, contributors: [], parents: [] },
        ...{ origin: null, heldOutLoss: null, evaluations: [], weightRoot: '' },
      },
      weights: createInitialWeights(crypto, Uint8Array.of(5), modelTensors(model)),
      tokenizer,
      types: ['f32'],
    },
  );
  const text = join(folder, 'notes.txt');
  await writeFile(text, TEXT.join('. '));
  return { folder, text };
}

it('writes an adapter of a small text that helps on what was held out, as a LoRA GGUF', async () => {
  const { folder, text } = await aModelFolder();
  const out = join(folder, 'out', 'notes.gguf');
  const options = ['--steps', '30', '--rank', '4', '--learning-rate', '0.02'];
  const told = await run(['train', 'adapter', text, '--base', folder, '--out', out, '--json', ...options]);
  expect(told.exitCode, told.err).toBe(0);
  const facts = told.json<{ path: string; sizeBytes: number; lossBefore: number; lossAfter: number }>();
  const gguf = await readFile(out);
  expect(facts).toMatchObject({ path: out, sizeBytes: gguf.length });
  expect(facts.lossAfter).toBeLessThan(facts.lossBefore);
  expect(gguf.subarray(0, 4).toString('latin1')).toBe('GGUF');
  const content = gguf.toString('latin1');
  const tensors = ['q', 'k', 'v', 'output'].flatMap((name) =>
    ['a', 'b'].map((side) => `blk.0.attn_${name}.weight.lora_${side}`),
  );
  const wanted = ['adapter.type', 'adapter.lora.alpha', ...tensors];
  expect(wanted.filter((name) => !content.includes(name))).toEqual([]);
});

it('refuses a model that does not fit in memory before it reads the weights and the text', async () => {
  const { folder } = await aModelFolder();
  const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as object;
  const heads = { num_attention_heads: 64, num_key_value_heads: 64, head_dim: 1 << 10 };
  const layers = { hidden_size: 1 << 16, intermediate_size: 1 << 18, num_hidden_layers: 100 };
  await writeFile(join(folder, 'config.json'), JSON.stringify({ ...config, ...heads, ...layers }));
  const missing = join(folder, 'missing.txt');
  const told = await run(['train', 'adapter', missing, '--base', folder, '--out', join(folder, 'a.gguf')]);
  expect(told.exitCode).toBe(1);
  expect(told.err).toContain('are free');
});

it('says what a folder without a model lacks', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cairn-adapter-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const told = await run(['train', 'adapter', join(folder, 'a.txt'), '--base', folder]);
  expect(told.exitCode).toBe(1);
  expect(told.err).toContain('holds no config.json');
});
