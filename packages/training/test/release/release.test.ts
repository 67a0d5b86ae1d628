import { createHash } from 'node:crypto';
import { bytesToHex, createPureCrypto } from '@cairn/core';
import { Tokenizer as HuggingFace } from '@huggingface/tokenizers';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createInitialWeights,
  createRelease,
  modelTensors,
  type Release,
  type ReleaseFacts,
  readSafetensors,
  type Tokenizer,
  trainByteTokenizer,
} from '../../src/index.ts';

const crypto = createPureCrypto();

const someFacts = (overrides: Partial<ReleaseFacts> = {}): ReleaseFacts => ({
  name: 'cairn/test',
  version: '1.0.0',
  description: 'A test.',
  licence: 'Apache-2.0',
  model: {
    architecture: 'llama',
    layers: 1,
    width: 32,
    heads: 2,
    kvHeads: 1,
    hidden: 64,
    vocab: 300,
    context: 32,
    tied: true,
  },
  prompt: 'chat',
  tasks: ['crontab'],
  languages: ['en'],
  royaltyBps: 100,
  data: [{ name: 'phrases | more', licence: 'CC0-1.0', tokens: 12_345n, root: 'ab'.repeat(32) }],
  run: {
    id: 'cd'.repeat(32),
    chain: 'cairn-1',
    manifest: 'ef'.repeat(32),
    round: 20,
    rounds: 200,
    replay: 'exact',
  },
  contributors: [{ account: 'cairn1trainer', updates: 19 }],
  parents: [{ id: '12'.repeat(32), name: 'cairn/parent', licence: 'MIT' }],
  origin: {
    ...{ run: 'fe'.repeat(32), round: 7 },
    data: [{ name: 'old|texts', licence: 'CC-BY-4.0', tokens: 77n }],
  },
  heldOutLoss: 1.23456,
  evaluations: [],
  weightRoot: '34'.repeat(32),
  ...overrides,
});

describe('a release', () => {
  let tokenizer: Tokenizer;
  const kept = new Map<string, Uint8Array>();
  let release: Release;
  const make = async (facts: ReleaseFacts) =>
    await createRelease(
      {
        crypto,
        keep: async (path, bytes) => kept.set(path, bytes),
        evaluate: async (file) =>
          file.endsWith('f16.gguf')
            ? [{ task: 'crontab', file, right: 97, trials: 100, how: 'Held-out answers.' }]
            : [],
      },
      {
        facts,
        weights: createInitialWeights(crypto, Uint8Array.of(1), modelTensors(facts.model)),
        tokenizer,
        types: ['f32', 'f16', 'q8_0'],
      },
    );
  beforeAll(async () => {
    const { vocab } = someFacts().model;
    const words = Array.from({ length: 400 }, (_, index) => `word${index * 7919} word${index * 7919}`);
    tokenizer = await trainByteTokenizer(words, {
      vocab,
      special: ['<|user|>', '<|assistant|>'],
      splitDigits: false,
    });
    release = await make(someFacts());
  });
  const textOf = (path: string) => Buffer.from(kept.get(path)!).toString('utf8');

  it('has the files that llama.cpp, Hugging Face and the registry want', () => {
    expect([...kept.keys()]).toEqual([
      'test-f32.gguf',
      'test-f16.gguf',
      'test-q8_0.gguf',
      'model.safetensors',
      'config.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'README.md',
      'card.json',
    ]);
    expect(readSafetensors(kept.get('model.safetensors')!).weights.size).toBe(11);
    expect(JSON.parse(textOf('config.json'))).toMatchObject({ model_type: 'llama', num_key_value_heads: 1 });
    const hugging = new HuggingFace(
      JSON.parse(textOf('tokenizer.json')),
      JSON.parse(textOf('tokenizer_config.json')),
    );
    expect(hugging.encode('word7919 !').ids).toEqual(tokenizer.encode('word7919 !'));
  });

  it('names each file by its size and hashes', () => {
    for (const file of release.files) {
      const bytes = kept.get(file.path)!;
      expect(file).toMatchObject({
        sizeBytes: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      });
      // A file of one chunk is one leaf.
      if (bytes.length <= 1 << 20)
        expect(file.merkleRoot).toBe(bytesToHex(crypto.sha256(Buffer.concat([Buffer.of(0), bytes]))));
    }
  });

  it('tells the registry of its evaluations and parents', () => {
    const f16 = release.files.find(({ path }) => path === 'test-f16.gguf')!;
    expect(release.card).toMatchObject({
      name: 'cairn/test',
      kind: 'chat',
      parameters: String(300 * 32 + 32 + 2 * 32 * 32 + 2 * 16 * 32 + 32 + 3 * 64 * 32 + 32),
      parents: ['12'.repeat(32)],
      royaltyBps: 100,
      evaluations: [{ artifact: f16.sha256, task: 'crontab', right: 97, trials: 100 }],
    });
    expect(release.card.artifacts.map(({ format }) => format)).toEqual([
      'gguf',
      'gguf',
      'gguf',
      'safetensors',
    ]);
  });

  it('tells people what made it, what it was trained on, and how good it is', () => {
    const readme = textOf('README.md');
    for (const part of [
      `run \`${'cd'.repeat(32)}\` of cairn-1, as of round 20 of 200`,
      '| phrases more | CC0-1.0 | 12345 |',
      'crontab, `test-f16.gguf`: 97 of 100 right (97.0 %). Held-out answers.',
      'Loss on held-out data: 1.2346 nats per token.',
      '| `cairn1trainer` | 19 |',
      `Begun from the weights after round 7 of run \`${'fe'.repeat(32)}\`, released as:`,
      `- cairn/parent (\`${'12'.repeat(32)}\`, MIT)`,
      '- old texts: 77 tokens, CC-BY-4.0',
    ])
      expect(readme.replaceAll('phrases   more', 'phrases more')).toContain(part);
  });

  it('says so when it was trained by one alone', async () => {
    await make(someFacts({ run: null, contributors: [], parents: [], origin: null, heldOutLoss: null }));
    const readme = textOf('README.md');
    expect(readme).toContain('outside of any ledger');
    expect(readme).toContain('Begun from random weights');
    expect(readme).toContain('was not measured');
  });

  it.each([
    ['exact', 'Every step could be replayed to the bit'],
    ['bounded', 'made again within the bounds'],
    ['none', 'nothing could be replayed or challenged'],
  ] as const)('says what could be made again of a run: %s', async (replay, said) => {
    await make(someFacts({ run: { ...someFacts().run!, replay } }));
    expect(textOf('README.md')).toContain(said);
  });

  it('names the run it began with also when that is in no registry any more, and its data is not known', async () => {
    await make(someFacts({ parents: [], origin: { run: 'fe'.repeat(32), round: 7, data: null } }));
    const readme = textOf('README.md');
    expect(readme).toContain(
      `after round 7 of run \`${'fe'.repeat(32)}\`, which are in no registry any more.`,
    );
    expect(readme).toContain('stands on its own card');
  });

  it('is refused when an evaluation is of a file it does not have', async () => {
    const evaluations = [{ task: 'a', file: 'other.gguf', right: 1, trials: 1, how: '' }];
    await expect(make(someFacts({ evaluations }))).rejects.toMatchObject({ code: 'RELEASE_MALFORMED' });
  });
});
