import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AnswerShape, type LoadedModel, toolCallHead } from '@cairn/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLlamaEngine, type LlamaEngine } from '../src/index.ts';
import { aChat, aRequest, codeOf, gather } from './compliance.ts';
import { withMetadata } from './gguf-edit.ts';
import { aClock, aLogger, aRandom, DEFAULT_MODEL } from './parts.ts';

const place = JSON.stringify({
  type: 'object',
  properties: {
    city: { type: 'string', maxLength: 12 },
    unit: { enum: ['c', 'f'] },
    days: { type: 'array', items: { type: 'boolean' }, maxItems: 2 },
  },
  required: ['city', 'unit'],
});
const plain: AnswerShape = {
  tools: [],
  choice: 'auto',
  only: null,
  parallel: false,
  format: { type: 'text', schema: null },
};
const tools = [{ name: 'weather', description: 'The weather.', parameters: place }];

describe('llama.cpp held to a form', () => {
  let engine: LlamaEngine;
  let model: LoadedModel;
  beforeAll(async () => {
    engine = createLlamaEngine({ clock: aClock(), random: aRandom(), log: aLogger() });
    model = await engine.load({ location: DEFAULT_MODEL, format: 'gguf' }, { threads: 1 });
  });
  afterAll(async () => {
    await model[Symbol.asyncDispose]();
    await engine[Symbol.asyncDispose]();
  });
  const ask = (shape: AnswerShape, fields: object = {}) =>
    gather(
      model.generate({ ...aRequest(aChat('every weekday at 9:30 am')), maxTokens: 200, ...fields, shape }),
    );

  it.each([0, 1])(
    'answers what the schema says at temperature %i, token for token the same again',
    async (temperature) => {
      const shape: AnswerShape = { ...plain, format: { type: 'schema', schema: place } };
      const answer = await ask(shape, { temperature, seed: 7, topLogprobs: 1 });
      expect(answer.end.finishReason).toBe('stop');
      const said = JSON.parse(answer.text);
      expect(typeof said.city).toBe('string');
      expect(['c', 'f']).toContain(said.unit);
      expect(
        answer.deltas.every(
          ({ logprobs }) => logprobs === null || logprobs.every(({ logprob }) => logprob <= 0),
        ),
      ).toBe(true);
      expect((await ask(shape, { temperature, seed: 7, topLogprobs: 1 })).tokenIds).toEqual(answer.tokenIds);
    },
  );

  it('answers any JSON object', async () => {
    const answer = await ask({ ...plain, format: { type: 'json', schema: null } });
    expect(typeof JSON.parse(answer.text)).toBe('object');
  });

  it('calls a tool that must be called, with arguments of its schema', async () => {
    const answer = await ask({ ...plain, tools, choice: 'required' });
    expect(answer.text.startsWith(toolCallHead('weather'))).toBe(true);
    const text = answer.text.slice(toolCallHead('weather').length);
    expect(Object.keys(JSON.parse(text))).toEqual(expect.arrayContaining(['city', 'unit']));
    expect(answer.tokenIds).toHaveLength(answer.end.completionTokens);
  });

  it('answers in words where it need not call', async () => {
    expect((await ask({ ...plain, tools })).text).toBe('30 9 * * 1-5');
    expect((await ask({ ...plain, tools, choice: 'none' })).text).toBe('30 9 * * 1-5');
  });

  it('refuses a schema that cannot be used, and goes on', async () => {
    const loop = '{"$ref":"#/$defs/a","$defs":{"a":{"anyOf":[{"$ref":"#/$defs/a"},{"type":"null"}]}}}';
    for (const schema of ['[]', '{"type":"date"}', loop]) {
      expect(await codeOf(() => ask({ ...plain, format: { type: 'schema', schema } })), schema).toBe(
        'REQUEST_MALFORMED',
      );
    }
    expect((await ask(plain)).text).toBe('30 9 * * 1-5');
  });

  it('embeds and ranks with a model that was made to embed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cairn-surface-'));
    const path = join(folder, 'pooling.gguf');
    await writeFile(path, withMetadata(await readFile(DEFAULT_MODEL), 'llama.pooling_type', 1));
    await using pooling = await engine.load({ location: path, format: 'gguf' }, { threads: 1 });
    expect(pooling.capabilities.tasks).toEqual(['embed', 'rank']);
    const texts = ['every day at noon', 'every monday'];
    const [first = '', second] = (await pooling.run?.({ kind: 'embed', texts, dimensions: 8 }, {})) ?? [];
    expect(Buffer.from(first, 'base64')).toHaveLength(32);
    expect(second).not.toBe(first);
    const scores = await pooling.run?.({ kind: 'rank', query: texts[0] ?? '', documents: texts }, {});
    expect(Number(scores?.[0])).toBeCloseTo(1, 5);
    expect(Number(scores?.[1])).toBeLessThan(0.999);
  });
});
