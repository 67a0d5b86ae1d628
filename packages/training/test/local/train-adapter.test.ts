import { writeFile } from 'node:fs/promises';
import { createPureCrypto } from '@cairn/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createInitialWeights,
  createRelease,
  modelTensors,
  type Tokenizer,
  trainByteTokenizer,
} from '../../src/index.ts';
import { type TrainAdapterOptions, trainAdapter } from '../../src/node.ts';
import { aFolder } from '../support/folder.ts';
import { logProbabilities, startLlama } from '../support/llama-cpp.ts';

const crypto = createPureCrypto();
const CLOCK = { nowMs: () => 0 };
const FACTS = ['my cat is called ada', 'my street is elm road', 'my tea is green', 'my bike is blue'];

describe('a personal adapter', () => {
  let folder: Awaited<ReturnType<typeof aFolder>>;
  let tokenizer: Tokenizer;
  beforeAll(async () => {
    folder = await aFolder();
    tokenizer = await trainByteTokenizer(FACTS, { vocab: 290, special: ['<|user|>', '<|assistant|>'] });
    const model = {
      ...({ architecture: 'llama', layers: 2, width: 64, heads: 4, kvHeads: 2, hidden: 96 } as const),
      ...{ vocab: tokenizer.model.tokens.length, context: 64, tied: true },
    };
    const weights = createInitialWeights(crypto, Uint8Array.of(5), modelTensors(model));
    for (const values of weights.values()) for (let i = 0; i < values.length; i++) values[i]! *= 3;
    await createRelease(
      { crypto, keep: (path, bytes) => writeFile(`${folder.path}/${path}`, bytes) },
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
          ...{
            tasks: [],
            languages: [],
            royaltyBps: 0,
            data: [],
            run: null,
            contributors: [],
            parents: [],
            origin: null,
          },
          ...{ heldOutLoss: null, evaluations: [], weightRoot: '' },
        },
        weights,
        tokenizer,
        types: ['f32'],
      },
    );
  });
  afterAll(async () => {
    await (await startLlama()).dispose();
    await folder[Symbol.asyncDispose]();
  });

  const train = (overrides: Partial<TrainAdapterOptions> = {}) =>
    trainAdapter(
      { crypto, clock: CLOCK },
      {
        name: 'mine',
        modelFolder: folder.path,
        data: { path: `${folder.path}/mine.jsonl`, kind: 'chat', field: 'text' },
        ...{ steps: 60, rows: 4, length: 32, learningRate: 0.02 },
        ...overrides,
      },
    );

  it('made of a few conversations helps on those it has not seen, and changes what llama.cpp says', async () => {
    const lines = Array.from({ length: 80 }, (_, index) => {
      const [subject = '', object = ''] = FACTS[index % FACTS.length]!.split(' is ');
      return JSON.stringify({ prompt: `${subject} ${index}`, completion: object });
    });
    await writeFile(`${folder.path}/mine.jsonl`, lines.join('\n'));
    const { gguf, before, after, facts } = await train();
    expect(facts.documents).toBe(80);
    expect(after).toBeLessThan(before * 0.6);
    const adapter = `${folder.path}/mine.gguf`;
    await writeFile(adapter, gguf);
    const ids = [
      tokenizer.markOf('<|user|>'),
      ...tokenizer.encode('my tea'),
      tokenizer.markOf('<|assistant|>'),
    ];
    const model = `${folder.path}/base-f32.gguf`;
    const first = tokenizer.encode('green')[0]!;
    const [plain, adapted] = [
      await logProbabilities(model, ids),
      await logProbabilities(model, ids, { adapter }),
    ];
    expect(adapted[first]!).toBeGreaterThan(plain[first]! + 0.5);
  });

  it('can be made of one letter', async () => {
    const path = `${folder.path}/letter.txt`;
    const paragraph = (index: number) => `${FACTS[index % 4]} and ${index * 7919} others. `.repeat(12);
    await writeFile(path, Array.from({ length: 20 }, (_, index) => paragraph(index)).join('\n\n'));
    const { before, after } = await train({ data: { path, kind: 'text', field: 'text' }, steps: 30 });
    expect(after).toBeLessThan(before);
  });

  it('stops when it is told to', async () => {
    const stop = AbortSignal.abort(new Error('stopped'));
    const options = { name: 'mine', modelFolder: folder.path, length: 32 };
    const data = { path: `${folder.path}/letter.txt`, kind: 'text', field: 'text' } as const;
    await expect(trainAdapter({ crypto, clock: CLOCK, signal: stop }, { ...options, data })).rejects.toThrow(
      'stopped',
    );
  });

  it('is refused for a folder that holds no model', async () => {
    await using empty = await aFolder();
    await expect(train({ modelFolder: empty.path })).rejects.toThrow('has no config.json');
  });
});
