import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  type ParentManifest,
  parentOfRecipe,
  parseRecipe,
  type Recipe,
  readRecipe,
} from '../../src/recipe/recipe.ts';

const EXAMPLES = new URL('../../../../examples/training/', import.meta.url);

const RUN = 'ab'.repeat(32);

const minimal = () => ({
  name: 'cairn/small',
  model: { layers: 2, width: 64, heads: 2, context: 32 } as Record<string, unknown>,
  tokenizer: { kind: 'characters' } as Record<string, unknown>,
  data: [{ path: 'a.txt', licence: 'CC0-1.0' } as Record<string, unknown>] as unknown,
  batch: { rows: 4 } as Record<string, unknown>,
  inner: { steps: 10, learningRate: 0.001 } as Record<string, unknown>,
  outer: { kind: 'sparse' } as Record<string, unknown>,
  rounds: 20,
  release: { licence: 'Apache-2.0' } as Record<string, unknown>,
});

describe('a recipe', () => {
  it.each(readdirSync(fileURLToPath(EXAMPLES)).filter((name) => name.endsWith('.json')))(
    'of the examples, %s, is read',
    (name) => {
      const recipe = parseRecipe(readFileSync(new URL(name, EXAMPLES), 'utf8'));
      expect(recipe.name).toMatch(/^cairn\//);
    },
  );

  it('keeps moments where nothing is replayed', () => {
    const recipe = minimal();
    const free = { engine: 'tolerant', tolerance: { replay: false } };
    const inner = { ...recipe.inner, moments: 'keep' };
    expect(readRecipe({ ...recipe, ...free, inner }).inner.moments).toBe('keep');
  });

  it('is filled in where it says nothing', () => {
    expect(readRecipe(minimal())).toEqual({
      name: 'cairn/small',
      description: 'Trained together on Cairn.',
      parent: null,
      model: {
        architecture: 'llama',
        layers: 2,
        width: 64,
        heads: 2,
        kvHeads: 2,
        hidden: 192,
        context: 32,
        tied: true,
      },
      tokenizer: { kind: 'characters' },
      data: [{ path: 'a.txt', kind: 'text', field: 'text', licence: 'CC0-1.0' }],
      heldOutPermille: 50,
      batch: { rows: 4, length: 32 },
      inner: {
        steps: 10,
        learningRate: 0.001,
        beta1: 0.9,
        beta2: 0.95,
        epsilon: 1e-8,
        weightDecay: 0.1,
        clip: 1,
        warmup: 0,
        schedule: 'cosine',
        minimum: 0.1,
        moments: 'restart',
      },
      outer: { kind: 'sparse', k: 64, block: 4096, decay: 0.95, learningRate: 1 },
      engine: 'exact',
      tolerance: null,
      overlap: false,
      rounds: 20,
      checkpointEvery: 10,
      seed: 1,
      release: {
        files: ['f32', 'f16', 'q8_0'],
        licence: 'Apache-2.0',
        royaltyBps: 0,
        tasks: [],
        languages: [],
        prompt: 'plain',
      },
    } satisfies Recipe);
  });

  it('always has the mark that ends a document', () => {
    const recipe = readRecipe({
      ...minimal(),
      tokenizer: { kind: 'bytes', vocab: 512, special: ['<|user|>'] },
    });
    expect(recipe.tokenizer).toMatchObject({ special: ['<|user|>', '<|endoftext|>'], splitDigits: true });
  });

  type Edit = (recipe: ReturnType<typeof minimal> & Record<string, unknown>) => void;
  it.each([
    ['roundz', 'did you mean rounds?', (r) => Object.assign(r, { roundz: 3 })],
    ['xylophone', 'known are name', (r) => Object.assign(r, { xylophone: 3 })],
    ['model.layer', 'did you mean layers?', (r) => Object.assign(r.model, { layer: 3 })],
    ['model.layers', 'is missing', (r) => delete r.model.layers],
    ['model.layers', 'not a whole number from 1 to 512', (r) => Object.assign(r.model, { layers: 1.5 })],
    ['model.layers', '"many", not a whole number', (r) => Object.assign(r.model, { layers: 'many' })],
    ['model.heads', 'do not divide the width 64', (r) => Object.assign(r.model, { heads: 3 })],
    ['model.heads', 'need an even count', (r) => Object.assign(r.model, { width: 66, heads: 22 })],
    ['model.kvHeads', 'do not divide', (r) => Object.assign(r.model, { heads: 8, kvHeads: 3 })],
    ['model.kvHeads', 'must equal', (r) => Object.assign(r.model, { architecture: 'gpt2', kvHeads: 1 })],
    ['model.architecture', 'not one of llama, gpt2', (r) => Object.assign(r.model, { architecture: 'rnn' })],
    [
      'model',
      'the most are',
      (r) => {
        Object.assign(r.model, { layers: 512, width: 65_536, heads: 1 });
        r.tokenizer = { kind: 'bytes', vocab: 1000 };
      },
    ],
    ['batch.length', 'not a whole number from 2 to 32', (r) => Object.assign(r.batch, { length: 64 })],
    ['data', 'no list with an entry', (r) => Object.assign(r, { data: [] })],
    ['data[0]', 'is no object', (r) => Object.assign(r, { data: ['a.txt'] })],
    ['data[0].licence', 'is missing', (r) => Object.assign(r, { data: [{ path: 'a' }] })],
    [
      'data[0].licence',
      'no SPDX expression',
      (r) => Object.assign(r, { data: [{ path: 'a', licence: 'free for all' }] }),
    ],
    ['data[0].pth', 'did you mean path?', (r) => Object.assign(r, { data: [{ pth: 'a', licence: 'MIT' }] })],
    ['data[0].path', 'zero byte', (r) => Object.assign(r, { data: [{ path: 'a\0b', licence: 'MIT' }] })],
    ['inner.learningRate', 'not a number from', (r) => Object.assign(r.inner, { learningRate: -1 })],
    ['inner.learningRate', 'null, not a number', (r) => Object.assign(r.inner, { learningRate: null })],
    ['inner.warmup', 'from 0 to 200', (r) => Object.assign(r.inner, { warmup: 201 })],
    ['inner.steps', 'from 1 to 4096', (r) => Object.assign(r.inner, { steps: 4_097 })],
    ['parent', 'is no object', (r) => Object.assign(r, { parent: 'cairn/quantities' })],
    ['parent.run', 'no whole id', (r) => Object.assign(r, { parent: { run: 'ab12', round: 3 } })],
    ['parent.round', 'is missing', (r) => Object.assign(r, { parent: { run: RUN } })],
    ['parent.round', 'not a whole number', (r) => Object.assign(r, { parent: { run: RUN, round: -1 } })],
    [
      'parent.model',
      'no whole id',
      (r) => Object.assign(r, { parent: { run: RUN, round: 3, model: 'cairn/small' } }),
    ],
    ['parent.rnd', 'did you mean run?', (r) => Object.assign(r, { parent: { run: RUN, rnd: 3 } })],
    ['tokenizer.kind', 'names no parent', (r) => Object.assign(r, { tokenizer: { kind: 'parent' } })],
    [
      'tokenizer.kind',
      'leave tokenizer out',
      (r) => Object.assign(r, { parent: { run: RUN, round: 3 }, tokenizer: { kind: 'characters' } }),
    ],
    ['tokenizer', 'is missing', (r) => Reflect.deleteProperty(r, 'tokenizer')],
    ['outer.kind', 'not one of sparse, dense', (r) => Object.assign(r.outer, { kind: 'median' })],
    ['outer.k', 'is unknown', (r) => Object.assign(r, { outer: { kind: 'dense', k: 64 } })],
    ['outer.k', 'from 1 to 128', (r) => Object.assign(r, { outer: { kind: 'sparse', block: 128, k: 200 } })],
    ['tokenizer.vocab', 'is unknown', (r) => Object.assign(r.tokenizer, { vocab: 300 })],
    ['tokenizer.vocab', 'from 257', (r) => Object.assign(r, { tokenizer: { kind: 'bytes', vocab: 100 } })],
    [
      'inner.moments',
      'steps are replayed',
      (r) => Object.assign(r, { inner: { ...r.inner, moments: 'keep' } }),
    ],
    [
      'inner.moments',
      'steps are replayed',
      (r) => Object.assign(r, { engine: 'tolerant', inner: { ...r.inner, moments: 'keep' } }),
    ],
    ['tolerance', 'is for tolerant runs', (r) => Object.assign(r, { tolerance: { rounds: 2 } })],
    [
      'tolerance.angle',
      'is missing',
      (r) => Object.assign(r, { engine: 'tolerant', tolerance: { relative: 0.01 } }),
    ],
    [
      'tolerance.relative',
      '0.5',
      (r) =>
        Object.assign(r, {
          engine: 'tolerant',
          tolerance: { relative: 0.6, angle: 0.1, misplaced: 0.1 },
        }),
    ],
    [
      'tolerance.engines',
      'fewer than two',
      (r) => Object.assign(r, { engine: 'tolerant', tolerance: { engines: ['native'] } }),
    ],
    ['rounds', 'not a whole number', (r) => Object.assign(r, { rounds: 0 })],
    ['checkpointEvery', 'from 1 to 20', (r) => Object.assign(r, { checkpointEvery: 21 })],
    ['name', 'is not owner/model', (r) => Object.assign(r, { name: 'Small Model' })],
    ['release.files', 'names q4_0; known are', (r) => Object.assign(r.release, { files: ['q4_0'] })],
    ['release.royaltyBps', 'from 0 to 5000', (r) => Object.assign(r.release, { royaltyBps: 9000 })],
    ['release.languages', 'lower-case tag', (r) => Object.assign(r.release, { languages: ['English'] })],
  ] as [string, string, Edit][])('with a bad %s says so: %s', (field, reason, edit) => {
    const recipe = minimal();
    edit(recipe);
    expect(() => readRecipe(recipe)).toThrow(`The recipe's ${field} `);
    expect(() => readRecipe(recipe)).toThrow(reason);
  });

  it('that is no JSON, no object, or too large is refused', () => {
    expect(() => parseRecipe('{')).toThrow('not JSON');
    expect(() => parseRecipe('[]')).toThrow('is no object');
    expect(() => parseRecipe(' '.repeat(1 << 17))).toThrow('larger than');
  });

  describe('that goes on from a checkpoint', () => {
    const of = {
      model: {
        ...{ architecture: 'llama', layers: 2, width: 64, heads: 2, kvHeads: 2, hidden: 192 },
        ...{ context: 32, tied: true, vocab: 300 },
      },
      outer: { type: 'sparse', k: 64, block: 4096, decay: '0.95', learningRate: '1' },
    } satisfies ParentManifest;
    const parent = { run: RUN, round: 3 };
    const { model: _, tokenizer: __, ...rest } = minimal();
    const fork = { ...rest, parent };

    it('has the model and the tokenizer of its parent, and may differ in everything else', () => {
      const { vocab: ___, ...model } = of.model;
      const outer = { kind: 'sparse', k: 8, decay: 0.5 };
      expect(readRecipe({ ...fork, outer }, of)).toMatchObject({
        parent: { ...parent, model: null },
        ...{ model, tokenizer: { kind: 'parent' }, batch: { rows: 4, length: 32 } },
        outer: { k: 8, decay: 0.5 },
      });
      expect(
        readRecipe({ ...fork, model: { layers: 2, width: 64, heads: 2, context: 32 } }, of).model,
      ).toEqual(model);
      expect(parentOfRecipe(JSON.stringify(fork))).toEqual({ ...parent, model: null });
      expect(parentOfRecipe(JSON.stringify(minimal()))).toBeNull();
    });

    it('is refused with another model or another kind of outer rule than its parent', () => {
      const wide = { layers: 2, width: 128, heads: 2, context: 32 };
      expect(() => readRecipe({ ...fork, model: wide }, of)).toThrow(
        "The recipe's model.width is 128, and the parent's is 64: leave model out",
      );
      expect(() => readRecipe({ ...fork, outer: { kind: 'dense' } }, of)).toThrow(
        "The recipe's outer.kind is dense, and the parent's is sparse",
      );
    });
  });

  it('does not take a field from the prototype of objects', () => {
    expect(() => parseRecipe('{"__proto__": {"name": "a/b"}}')).toThrow('__proto__ is unknown');
  });
});
