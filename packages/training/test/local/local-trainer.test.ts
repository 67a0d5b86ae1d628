import { createPureCrypto } from '@cairn/core';
import type { TensorTable } from '@cairn/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AdapterConfig,
  adapterTensors,
  createAdapterWeights,
  createInitialWeights,
  createLocalTrainer,
  createTokenBatches,
  type Document,
  type LocalProgress,
  type ModelConfig,
  modelTensors,
  prepareData,
  readProgress,
  type TokenBatches,
  type Tokenizer,
  trainByteTokenizer,
  writeAdapterGguf,
  writeModelGguf,
  writeProgress,
} from '../../src/index.ts';
import { createNativeEngine } from '../../src/node.ts';
import { aFolder } from '../support/folder.ts';
import { type Additions, forward } from '../support/forward.ts';
import { logProbabilities, startLlama, writePieces } from '../support/llama-cpp.ts';

const crypto = createPureCrypto();
const SEED = Uint8Array.of(3);
const BATCH = { rows: 4, length: 24 };
const QUESTIONS = ['what is your name', 'where do you live', 'what do you like'];

let tokenizer: Tokenizer;
let model: ModelConfig;
let batches: TokenBatches;
beforeAll(async () => {
  const documents: Document[] = Array.from({ length: 60 }, (_, index) => ({
    messages: [
      { role: 'user' as const, content: `${QUESTIONS[index % 3]} ${index}` },
      { role: 'assistant' as const, content: ['ada', 'paris', 'tea'][index % 3]! },
    ],
  }));
  tokenizer = await trainByteTokenizer(QUESTIONS, { vocab: 280, special: ['<|user|>', '<|assistant|>'] });
  const vocab = tokenizer.model.tokens.length;
  model = {
    ...{ architecture: 'llama', layers: 2, width: 32, heads: 2, kvHeads: 1 },
    ...{ hidden: 64, vocab, context: 64, tied: true },
  };
  const blobs = new Map<string, Uint8Array>();
  const idOf = (hash: Uint8Array) => Buffer.from(hash).toString('hex');
  const prepared = await prepareData(
    { crypto, keep: async (bytes) => blobs.set(idOf(crypto.sha256(bytes)), bytes) },
    [{ name: 'mine', licence: 'LicenseRef-private', documents: () => documents }],
    { tokenizer, tokenizerHash: new Uint8Array(32), length: BATCH.length, heldOutPermille: 100, seed: SEED },
  );
  batches = createTokenBatches(
    { crypto, read: async (hash) => blobs.get(idOf(hash))! },
    {
      sets: prepared.sets.map(({ index }) => index),
      heldOut: prepared.heldOut.index,
      rows: 4,
      seed: SEED,
      vocab,
    },
  );
});
afterAll(async () => (await startLlama()).dispose());

/** A clock that goes on by a hundredth of a second each time it is looked at. */
const aClock = () => {
  let now = 0;
  return { nowMs: () => (now += 10) };
};

const OPTIONS = { schedule: 'cosine', learningRate: 0.01, minimum: 0.1, warmup: 2, steps: 40 } as const;

describe('training on one machine', () => {
  const engineOf = () => createNativeEngine({ model, ...BATCH, threads: 1 });
  const start = () => createInitialWeights(crypto, SEED, modelTensors(model));

  it('lowers the loss, and ends when its steps are done', async () => {
    await using engine = await engineOf();
    const trainer = createLocalTrainer(
      { engine, batch: batches.batch, clock: aClock() },
      { ...OPTIONS, parameters: start() },
    );
    const losses: number[] = [];
    while (trainer.share < 1) losses.push(await trainer.step());
    expect(losses).toHaveLength(40);
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 2);
  });

  it('goes on from a file exactly as if it had not stopped', async () => {
    await using engine = await engineOf();
    const run = async (stops: readonly number[]) => {
      const losses: number[] = [];
      let from: LocalProgress | undefined;
      for (const stop of stops) {
        const parts = { engine, batch: batches.batch, clock: aClock() };
        const trainer = createLocalTrainer(parts, { ...OPTIONS, parameters: start() }, from);
        while (losses.length < stop) losses.push(await trainer.step());
        from = readProgress(engine.tensors, writeProgress(engine.tensors, trainer.progress()));
      }
      return losses;
    };
    expect(await run([3, 7, 12])).toEqual(await run([12]));
  });

  it('ends when its time is up', async () => {
    await using engine = await engineOf();
    const trainer = createLocalTrainer(
      { engine, batch: batches.batch, clock: aClock() },
      { ...OPTIONS, parameters: start(), limitMs: 45 },
    );
    let steps = 0;
    for (; trainer.share < 1; steps++) await trainer.step();
    expect(steps).toBe(5);
  });

  it('refuses a paused training of another model', async () => {
    await using engine = await engineOf();
    const parts = { engine, batch: batches.batch, clock: aClock() };
    const trainer = createLocalTrainer(parts, { ...OPTIONS, parameters: start() });
    const bytes = writeProgress(engine.tensors, trainer.progress());
    const others = modelTensors({ ...model, width: 16 });
    expect(() => readProgress(others, bytes)).toThrow('of another model');
  });
});

describe('a personal adapter', () => {
  it('learns what its owner said, and llama.cpp applies it with the logits that were computed', async () => {
    await using folder = await aFolder();
    const adapter: AdapterConfig = {
      rank: 4,
      alpha: 8,
      targets: ['q_proj', 'k_proj', 'v_proj', 'down_proj'],
    };
    const base = createInitialWeights(crypto, SEED, modelTensors(model));
    for (const values of base.values()) for (let i = 0; i < values.length; i++) values[i]! *= 4;
    const tensors = adapterTensors(model, adapter);
    const trained = createAdapterWeights(crypto, SEED, tensors);
    await using engine = await createNativeEngine({ model, adapter, ...BATCH, threads: 1 });
    const parameters: TensorTable = new Map([...base, ...trained]);
    const before = new Map([...base].map(([name, values]) => [name, values.slice()]));
    const trainer = createLocalTrainer(
      { engine, batch: batches.batch, clock: aClock() },
      { ...OPTIONS, parameters, adamw: { weightDecay: 0 } },
    );
    const losses: number[] = [];
    while (trainer.share < 1) losses.push(await trainer.step());
    expect(losses.at(-1)!).toBeLessThan(losses[0]! - 0.3);
    expect(base).toEqual(before);

    const about = { name: 'cairn/mine', description: '', licence: 'Apache-2.0', isChat: true };
    const modelPath = await writePieces(
      `${folder.path}/base.gguf`,
      writeModelGguf(model, base, tokenizer, 'f32', about),
    );
    const adapterPath = await writePieces(
      `${folder.path}/adapter.gguf`,
      writeAdapterGguf(model, tensors, trained, { name: 'mine', alpha: adapter.alpha }),
    );
    const additions: Additions = (name) => {
      const of = (side: string) =>
        trained.get(`base_model.model.${name.replace('.weight', `.lora_${side}.weight`)}`);
      const [a, b] = [of('A'), of('B')];
      return a && b ? { a, b, scale: adapter.alpha / adapter.rank } : null;
    };
    const ids = [
      tokenizer.markOf('<|user|>'),
      ...tokenizer.encode('where do you live'),
      tokenizer.markOf('<|assistant|>'),
    ];
    const computed = logSoftmax(forward(model, base, ids, additions));
    const plain = logSoftmax(forward(model, base, ids));
    const applied = await logProbabilities(modelPath, ids, { adapter: adapterPath });
    expect(distance(applied, computed)).toBeLessThan(1e-3);
    expect(distance(applied, plain)).toBeGreaterThan(0.1);
  });
});

function logSoftmax(logits: Float64Array): Float64Array {
  const largest = Math.max(...logits);
  const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0)) + largest;
  return logits.map((logit) => logit - total);
}

const distance = (a: Float64Array, b: Float64Array): number =>
  a.reduce((worst, value, index) => Math.max(worst, Math.abs(value - b[index]!)), 0);
