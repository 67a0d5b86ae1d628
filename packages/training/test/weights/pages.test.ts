import { bytesToHex, createPureCrypto } from '@cairn/core';
import type { ModelShape } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { countParameters, modelTensors } from '../../src/compute/model/tensors.ts';
import { createInitialWeights } from '../../src/weights/initial-weights.ts';
import {
  assembleWeights,
  decodePageList,
  encodePageList,
  listPages,
  PAGE_BYTES,
  placePages,
  readPage,
  weightRootOf,
} from '../../src/weights/pages.ts';

const crypto = createPureCrypto();
const aModel = (overrides: Partial<ModelShape> = {}): ModelShape => ({
  architecture: 'llama',
  layers: 2,
  width: 64,
  heads: 4,
  kvHeads: 2,
  hidden: 96,
  vocab: 300,
  context: 32,
  tied: true,
  ...overrides,
});
const SEED = Uint8Array.of(7);

describe('the tensors of a model', () => {
  it('are as many as its architecture has', () => {
    expect(modelTensors(aModel())).toHaveLength(1 + 2 * 9 + 1);
    expect(modelTensors(aModel({ tied: false })).at(-1)).toEqual({
      name: 'lm_head.weight',
      shape: [300, 64],
    });
    expect(modelTensors(aModel({ architecture: 'gpt2', kvHeads: 4 }))).toHaveLength(2 + 2 * 12 + 2);
  });

  it('hold the parameters of known models', () => {
    const gpt2 = {
      layers: 12,
      width: 768,
      heads: 12,
      kvHeads: 12,
      hidden: 3072,
      vocab: 50_257,
      context: 1024,
    };
    expect(countParameters(modelTensors({ architecture: 'gpt2', ...gpt2, tied: true }))).toBe(124_439_808);
    const cron = { layers: 5, width: 192, heads: 6, kvHeads: 6, hidden: 512, vocab: 512, context: 96 };
    expect(countParameters(modelTensors({ architecture: 'llama', ...cron, tied: true }))).toBe(2_312_256);
  });
});

describe('initial weights', () => {
  const tensors = modelTensors(aModel());
  const weights = createInitialWeights(crypto, SEED, tensors);

  it('are these, on every machine', () => {
    expect(bytesToHex(weightRootOf(crypto, listPages(crypto, tensors, weights)))).toMatchInlineSnapshot(
      `"66c385099319e52a59fcaa4a577d910274e7c557a2a4acc340d87e1d74ece750"`,
    );
  });

  it('differ with the seed and between tensors', () => {
    const other = createInitialWeights(crypto, Uint8Array.of(8), tensors);
    expect(other.get('model.embed_tokens.weight')).not.toEqual(weights.get('model.embed_tokens.weight'));
    expect(weights.get('model.layers.0.self_attn.q_proj.weight')).not.toEqual(
      weights.get('model.layers.1.self_attn.q_proj.weight'),
    );
  });

  it('are normal with deviation 0.02, smaller where they write back', () => {
    const deviationOf = (name: string) => {
      const values = weights.get(name)!;
      return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    };
    expect(deviationOf('model.embed_tokens.weight')).toBeCloseTo(0.02, 3);
    expect(deviationOf('model.layers.1.mlp.down_proj.weight')).toBeCloseTo(0.01, 3);
    expect(weights.get('model.norm.weight')!.every((value) => value === 1)).toBe(true);
    const gpt2 = createInitialWeights(
      crypto,
      SEED,
      modelTensors(aModel({ architecture: 'gpt2', kvHeads: 4 })),
    );
    expect(gpt2.get('transformer.h.0.mlp.c_fc.bias')!.every((value) => value === 0)).toBe(true);
  });
});

describe('pages of weights', () => {
  const tensors = [
    { name: 'large', shape: [700, 512] },
    { name: 'small', shape: [5] },
  ];
  const weights = createInitialWeights(crypto, SEED, tensors);
  const list = listPages(crypto, tensors, weights);

  it('are cut at 1 MiB and never reach into the next tensor', () => {
    expect(placePages(tensors)).toEqual([
      { tensor: 'large', start: 0, length: PAGE_BYTES / 4 },
      { tensor: 'large', start: PAGE_BYTES / 4, length: 700 * 512 - PAGE_BYTES / 4 },
      { tensor: 'small', start: 0, length: 5 },
    ]);
  });

  it('survive being listed, sent in any order and put together', () => {
    const assembly = assembleWeights(crypto, decodePageList(encodePageList(list)));
    expect(() => assembly.weights()).toThrow('3 of 3 pages are missing');
    for (const index of [2, 0, 1])
      expect(assembly.put(index, readPage(weights, placePages(tensors)[index]!).slice())).toBe(true);
    expect(assembly.missing()).toEqual([]);
    expect(assembly.weights()).toEqual(weights);
  });

  it('refuses a page that is another, is cut, or was altered', () => {
    const assembly = assembleWeights(crypto, list);
    const page = readPage(weights, placePages(tensors)[0]!).slice();
    expect(assembly.put(1, page)).toBe(false);
    expect(assembly.put(0, page.subarray(0, -4))).toBe(false);
    page[77]! ^= 1;
    expect(assembly.put(0, page)).toBe(false);
    expect(assembly.put(9, page)).toBe(false);
    expect(assembly.missing()).toEqual([0, 1, 2]);
  });

  it('have a root that changes with a weight, a name and a shape', () => {
    const roots = [
      listPages(crypto, tensors, weights),
      listPages(crypto, tensors, new Map([...weights, ['small', new Float32Array(5)]])),
      { ...list, tensors: [{ name: 'large', shape: [512, 700] }, tensors[1]!] },
      { ...list, tensors: [{ name: 'other', shape: [700, 512] }, tensors[1]!] },
    ].map((each) => bytesToHex(weightRootOf(crypto, each)));
    expect(new Set(roots).size).toBe(roots.length);
  });

  it('refuses a list whose pages and tensors do not fit together', () => {
    const { pages } = list;
    expect(() => decodePageList(encodePageList({ ...list, pages: pages.slice(1) }))).toThrow(
      'tensors take 3',
    );
    const twice = [list.tensors[0]!, list.tensors[0]!];
    expect(() => decodePageList(encodePageList({ pages, tensors: twice }))).toThrow('named twice');
    const huge = [{ name: 'huge', shape: [0xffff_ffff, 0xffff_ffff, 0xffff_ffff] }];
    expect(() => decodePageList(encodePageList({ pages, tensors: huge }))).toThrow(
      'no size that is possible',
    );
    expect(() => decodePageList(encodePageList({ pages, tensors: [{ name: 'a', shape: [0] }] }))).toThrow(
      'no size',
    );
    expect(() => decodePageList(Uint8Array.of(1, 2, 3))).toThrow();
  });
});
