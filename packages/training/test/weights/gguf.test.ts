import { createPureCrypto } from '@cairn/core';
import type { ModelShape, TensorTable } from '@cairn/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelTensors, sizeOf } from '../../src/compute/model/tensors.ts';
import type { Tokenizer } from '../../src/tokenizer/tokenizer.ts';
import { trainByteTokenizer, trainCharacterTokenizer } from '../../src/tokenizer/train-tokenizer.ts';
import { writeAdapterGguf } from '../../src/weights/adapter-gguf.ts';
import type { GgufType } from '../../src/weights/gguf-quantise.ts';
import { createInitialWeights } from '../../src/weights/initial-weights.ts';
import { writeModelGguf } from '../../src/weights/model-gguf.ts';
import { aFolder } from '../support/folder.ts';
import { type Additions, forward, tabulatedGelu } from '../support/forward.ts';
import { logProbabilities, startLlama, tokenize, writePieces } from '../support/llama-cpp.ts';
import { aRandom } from '../support/random.ts';
import { guidePages, hostileTexts } from '../support/texts.ts';

const SEED = 77;
const ABOUT = { name: 'cairn/test', description: 'A test.', licence: 'Apache-2.0', isChat: true };

let tokenizer: Tokenizer;
let folder: Awaited<ReturnType<typeof aFolder>>;
beforeAll(async () => {
  tokenizer = await trainByteTokenizer(guidePages(2), { vocab: 400, special: ['<|user|>', '<|assistant|>'] });
  folder = await aFolder();
});
afterAll(async () => {
  await (await startLlama()).dispose();
  await folder[Symbol.asyncDispose]();
});

const aModel = (overrides: Partial<ModelShape> = {}): ModelShape => ({
  architecture: 'llama',
  layers: 3,
  width: 64,
  heads: 4,
  kvHeads: 2,
  hidden: 160,
  vocab: 400,
  context: 64,
  tied: true,
  ...overrides,
});

/** Weights of the size that trained ones have, so that the logits are far from even. */
function someWeights(model: ModelShape): TensorTable {
  const weights = createInitialWeights(createPureCrypto(), Uint8Array.of(SEED), modelTensors(model));
  const random = aRandom(SEED);
  for (const values of weights.values())
    for (let i = 0; i < values.length; i++) values[i] = values[i]! * 5 + (random.unit() - 0.5) * 0.1;
  return weights;
}

/**
 * With these weights log probabilities reach from 0 to −25. Measured differences: f32 2.4e-5 (llama); 3.5e-3 (gpt2, whose
 * activation llama.cpp looks up in a table of halves; 4.0e-4 when it is reckoned with that table); f16 0.04; q8_0 1.3 to 1.5, as activations are rounded to 8 bits.
 */
const IDS = [397, 72, 105, 300, 301, 310, 46, 398, 84, 104, 320, 333, 256, 260, 390, 12];

function largestDifference(logits: Float64Array, logs: Float64Array): number {
  const largest = Math.max(...logits);
  const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0)) + largest;
  return logs.reduce((worst, log, id) => Math.max(worst, Math.abs(log - (logits[id]! - total))), 0);
}

const write = async (model: ModelShape, weights: TensorTable, type: GgufType) =>
  await writePieces(
    `${folder.path}/${model.architecture}-${type}-${model.tied}-${model.kvHeads}-${model.width}.gguf`,
    writeModelGguf(model, weights, tokenizer, type, ABOUT),
  );

describe('llama.cpp with a file of ours', () => {
  it.each([
    ['a llama with grouped queries, f32', aModel(), 'f32', 1e-3],
    ['a llama with a table of its own for the output, f32', aModel({ tied: false, kvHeads: 4 }), 'f32', 1e-3],
    ['a gpt2, f32', aModel({ architecture: 'gpt2', kvHeads: 4, hidden: 256 }), 'f32', 1e-2],
    ['a llama, f16', aModel(), 'f16', 0.1],
    ['a llama, q8_0', aModel(), 'q8_0', 2],
    ['a gpt2, q8_0', aModel({ architecture: 'gpt2', kvHeads: 4, hidden: 256 }), 'q8_0', 2],
    ['a llama whose rows are no whole blocks, q8_0', aModel({ width: 48, hidden: 80 }), 'q8_0', 0.5],
  ] as const)('gives the logits of %s', async (_, model, type, tolerance) => {
    const weights = someWeights(model);
    const logs = await logProbabilities(await write(model, weights, type), IDS);
    const difference = largestDifference(forward(model, weights, IDS), logs);
    expect(difference).toBeLessThan(tolerance);
  });

  it('gives the logits of a gpt2 to 1e-3 but for its table of activations', async () => {
    const model = aModel({ architecture: 'gpt2', kvHeads: 4, hidden: 256 });
    const weights = someWeights(model);
    const logs = await logProbabilities(await write(model, weights, 'f32'), IDS);
    const difference = largestDifference(
      forward(model, weights, IDS, () => null, tabulatedGelu),
      logs,
    );
    expect(difference).toBeLessThan(1e-3);
  });

  it('applies an adapter of ours, and the logits change as computed', async () => {
    const model = aModel();
    const weights = someWeights(model);
    const [rank, alpha] = [4, 8];
    const random = aRandom(SEED + 1);
    const tensors = modelTensors(model)
      .filter(({ shape, name }) => shape.length === 2 && name.includes('layers'))
      .flatMap(({ name, shape: [out = 0, inner = 0] }) => [
        { name: `base_model.model.${name.replace('.weight', '.lora_A.weight')}`, shape: [rank, inner] },
        { name: `base_model.model.${name.replace('.weight', '.lora_B.weight')}`, shape: [out, rank] },
      ]);
    const adapter = new Map(
      tensors.map(({ name, shape }) => [
        name,
        Float32Array.from({ length: sizeOf(shape) }, () => (random.unit() - 0.5) * 0.4),
      ]),
    );
    const additions: Additions = (name) => {
      const a = adapter.get(`base_model.model.${name.replace('.weight', '.lora_A.weight')}`);
      const b = adapter.get(`base_model.model.${name.replace('.weight', '.lora_B.weight')}`);
      return a === undefined || b === undefined ? null : { a, b, scale: alpha / rank };
    };
    const path = await writePieces(
      `${folder.path}/adapter.gguf`,
      writeAdapterGguf(model, tensors, adapter, { name: 'mine', alpha }),
    );
    const logs = await logProbabilities(await write(model, weights, 'f32'), IDS, { adapter: path });
    const difference = largestDifference(forward(model, weights, IDS, additions), logs);
    expect(difference).toBeLessThan(1e-3);
    expect(largestDifference(forward(model, weights, IDS), logs)).toBeGreaterThan(0.1);
  });

  it.each([true, false])(`reads texts as we do, splitDigits = %s (seed ${SEED})`, async (splitDigits) => {
    const other = await trainByteTokenizer(guidePages(2), { vocab: 400, splitDigits });
    const model = aModel({ layers: 1 });
    const path = await writePieces(
      `${folder.path}/vocab-${splitDigits}.gguf`,
      writeModelGguf(model, someWeights(model), other, 'f32', { ...ABOUT, isChat: false }),
    );
    const texts = [...hostileTexts(SEED, 300), ...guidePages(2).map((page) => page.slice(0, 4_000))];
    const theirs = await tokenize(path, texts);
    for (const [index, text] of texts.entries())
      expect(other.encode(text), JSON.stringify(text.slice(0, 100))).toEqual(theirs[index]);
  });

  it('reads with a tokenizer of characters as we do, also what it never saw', async () => {
    const characters = await trainCharacterTokenizer(['To be, or not to be — that is the question:\n']);
    const model = aModel({ layers: 1, vocab: characters.model.tokens.length });
    const path = await writePieces(
      `${folder.path}/characters.gguf`,
      writeModelGguf(model, someWeights(model), characters, 'f32', { ...ABOUT, isChat: false }),
    );
    const texts = ['to be\n', 'not — Q?', 'That XYZ 123 is', 'é'];
    expect(texts.map((text) => characters.encode(text))).toEqual(await tokenize(path, texts));
    const ids = characters.encode('To be, or ');
    const logs = await logProbabilities(path, ids);
    expect(largestDifference(forward(model, someWeights(model), ids), logs)).toBeLessThan(1e-3);
  });

  it('refuses to write what does not fit together', () => {
    const model = aModel();
    const weights = someWeights(model);
    expect(() => writeModelGguf({ ...model, vocab: 401 }, weights, tokenizer, 'f32', ABOUT)).toThrow(
      'the tokenizer has 400 tokens and the model 401',
    );
    expect(() => writeModelGguf({ ...model, hidden: 192 }, weights, tokenizer, 'f32', ABOUT)).toThrow(
      'numbers instead of',
    );
  });
});
