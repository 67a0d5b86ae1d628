import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { LoadedModel } from '@cairn/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLlamaEngine, EngineError } from '../src/index.ts';
import { aChat, aRequest, codeOf, describeEngine, gather } from './compliance.ts';
import { withMetadata } from './gguf-edit.ts';
import { aClock, aLogger, aRandom, bundledModel, DEFAULT_MODEL } from './parts.ts';

const anEngine = (freeMemoryBytes?: () => number) =>
  createLlamaEngine({
    clock: aClock(),
    random: aRandom(),
    log: aLogger(),
    ...(freeMemoryBytes === undefined ? {} : { freeMemoryBytes }),
  });
const selfTest = { prompt: aChat('every weekday at 9:30 am'), expected: '30 9 * * 1-5' };
const aFile = (location = DEFAULT_MODEL) => ({ location, format: 'gguf' as const, selfTest });

const engine = anEngine();
afterAll(() => engine[Symbol.asyncDispose]());

describeEngine({
  name: 'llama.cpp',
  load: () => engine.load(aFile(), { threads: 1 }),
  question: aChat('every weekday at 9:30 am'),
  answer: '30 9 * * 1-5',
  otherQuestion: aChat('every 15 minutes'),
  otherAnswer: '*/15 * * * *',
  stop: '* *',
});

describe('llama engine', () => {
  let model: LoadedModel;
  beforeAll(async () => {
    model = await engine.load(aFile(), { threads: 1 });
  });
  afterAll(async () => {
    await model[Symbol.asyncDispose]();
  });

  it.each(['crontab-q8_0.gguf', 'crontab-base-f16.gguf'])('answers with %s', async (name) => {
    await using other = await engine.load(aFile(bundledModel(name)), { threads: 1 });
    expect(await other.selfTest()).toMatchObject({ ok: true });
  });

  it('reports a wrong answer to the known question', async () => {
    const file = { ...aFile(), selfTest: { ...selfTest, expected: '* * * * *' } };
    await using other = await engine.load(file, { threads: 1 });
    expect(await other.selfTest()).toEqual({ ok: false, expected: '* * * * *', got: '30 9 * * 1-5' });
  });

  it('ignores system messages, as the template of the bundled model does', async () => {
    const messages = [
      { role: 'system' as const, content: 'You are a helpful assistant.' },
      { role: 'user' as const, content: 'every weekday at 9:30 am' },
    ];
    const got = await gather(model.generate(aRequest({ kind: 'chat', messages })));
    expect(got.text).toBe('30 9 * * 1-5');
  });

  it('reads special tokens in a message as plain text', async () => {
    const plain = await model.tokenize(aChat('a'));
    const forged = await model.tokenize(aChat('<|assistant|>'));
    const turn = plain?.at(-1);
    expect(forged?.filter((id) => id === turn)).toHaveLength(1);
  });

  it('reviews an answer by one prefill pass: its own picks, its end and its text', async () => {
    for (const temperature of [0, 1]) {
      const request = aRequest(aChat('at noon on the 3rd and 17th'), {
        topLogprobs: 1,
        temperature,
        seed: 5,
      });
      const got = await gather(model.generate(request));
      const promptTokens = (await model.tokenize(request.prompt))!;
      const asked = { promptTokens, temperature, topP: request.topP, seed: 5 };
      const review = await model.review!({ ...asked, answerTokens: got.tokenIds! });
      expect(review.text).toBe(got.text);
      expect(review.endMargin).toBe(0);
      expect(review.tokens.map(({ pick }) => pick)).toEqual(got.tokenIds);
      const told = got.deltas.flatMap((delta) => delta.logprobs ?? []);
      for (const [index, { logprob, margin }] of review.tokens.entries()) {
        expect(margin, `token ${index}`).toBe(0);
        expect(logprob, `token ${index}`).toBeCloseTo(told[index]!.logprob, 3);
      }
      const forged = [...got.tokenIds!.slice(0, -1), got.tokenIds![0]!];
      const other = await model.review!({ ...asked, answerTokens: forged });
      expect(other.tokens.at(-1)!.margin).toBeGreaterThan(1);
      const cut = await model.review!({ ...asked, answerTokens: got.tokenIds!.slice(0, 2) });
      expect(cut.endMargin).toBeGreaterThan(1);
    }
  });

  it('reviews no answer of unknown tokens or beyond its context', async () => {
    const asked = { promptTokens: [1, 2], temperature: 0, topP: 1, seed: 0 };
    const review = (answerTokens: readonly number[]) =>
      codeOf(() => model.review!({ ...asked, answerTokens }));
    expect(await review([1_536])).toBe('REQUEST_MALFORMED');
    expect(await review([])).toBe('REQUEST_MALFORMED');
    expect(await review(Array.from({ length: 5_000 }, () => 1))).toBe('CONTEXT_TOO_SMALL');
  });

  it('gives log probabilities that agree with one prefill pass', async () => {
    const prompt = await model.tokenize(aChat('every weekday at 9:30 am'));
    const got = await gather(model.generate(aRequest(selfTest.prompt, { topLogprobs: 5 })));
    const told = got.deltas.flatMap((delta) => delta.logprobs ?? []);
    expect(told.map((entry) => entry.tokenId)).toEqual(got.tokenIds);
    const again = await model.logprobs([...prompt!, ...got.tokenIds!]);
    expect(again).toHaveLength(prompt!.length + got.tokenIds!.length - 1);
    for (const [index, entry] of told.entries()) {
      expect(entry.top, `entry ${index}`).toHaveLength(5);
      expect(entry.top[0], `entry ${index}`).toMatchObject({
        tokenId: entry.tokenId,
        logprob: entry.logprob,
      });
      expect(again[prompt!.length - 1 + index], `entry ${index}`).toBeCloseTo(entry.logprob, 2);
    }
  });

  it('sums the probabilities of the whole vocabulary to one', async () => {
    const got = await gather(model.generate(aRequest(selfTest.prompt, { topLogprobs: 100, maxTokens: 1 })));
    const top = got.deltas[0]!.logprobs![0]!.top;
    const sum = top.reduce((total, entry) => total + Math.exp(entry.logprob), 0);
    expect(sum).toBeGreaterThan(0.99);
    // llama.cpp sums in single precision.
    expect(sum).toBeLessThanOrEqual(1.00001);
  });

  it('repeats a sampled answer with its seed, and varies it without', async () => {
    const warm = { temperature: 8, maxTokens: 12 };
    const ask = (seed?: number) =>
      gather(model.generate(aRequest(selfTest.prompt, seed === undefined ? warm : { ...warm, seed })));
    const [first, second, third] = [await ask(7), await ask(7), await ask(8)];
    expect(second.tokenIds).toEqual(first.tokenIds);
    expect(third.tokenIds).not.toEqual(first.tokenIds);
    const chosen = await ask();
    expect((await ask(chosen.end.seed!)).tokenIds).toEqual(chosen.tokenIds);
    expect((await ask()).tokenIds).not.toEqual(chosen.tokenIds);
  });

  it('goes on from its own token ids as if it had never stopped, sampled or not', async () => {
    const prompt = (await model.tokenize(selfTest.prompt))!;
    for (const fields of [{}, { temperature: 3, seed: 11 }]) {
      const whole = await gather(model.generate(aRequest(selfTest.prompt, { ...fields, maxTokens: 10 })));
      const begun = whole.tokenIds!.slice(0, 4);
      const rest = await gather(
        model.generate(
          aRequest({ kind: 'tokens', tokenIds: [...prompt, ...begun] }, { ...fields, maxTokens: 6 }),
        ),
      );
      expect([...begun, ...rest.tokenIds!]).toEqual(whole.tokenIds);
    }
  });

  it('reads a text prompt with the special tokens it spells', async () => {
    const text = '<|user|>every weekday at 9:30 am<|assistant|>';
    expect(await model.tokenize({ kind: 'text', text })).toEqual(await model.tokenize(selfTest.prompt));
  });

  it('stops at the end of its context and says so', async () => {
    const tokenIds = Array.from({ length: 250 }, () => 20);
    const got = await gather(model.generate(aRequest({ kind: 'tokens', tokenIds }, { maxTokens: 100 })));
    expect(got.end.completionTokens).toBeLessThanOrEqual(6);
  });

  it('names both sizes when a prompt does not fit', async () => {
    const tokenIds = Array.from({ length: 256 }, () => 20);
    const answer = () => gather(model.generate(aRequest({ kind: 'tokens', tokenIds })));
    await expect(answer()).rejects.toMatchObject({
      problem: { code: 'CONTEXT_TOO_SMALL', promptTokens: 256, contextTokens: 256 },
    });
  });

  it('refuses tokens that are not in the vocabulary', async () => {
    expect(await codeOf(() => model.logprobs([1, 1_536]))).toBe('REQUEST_MALFORMED');
    expect(await codeOf(() => gather(model.generate(aRequest({ kind: 'tokens', tokenIds: [] }))))).toBe(
      'REQUEST_MALFORMED',
    );
  });

  it('answers in parallel as it answers alone', async () => {
    await using wide = await engine.load(aFile(), { threads: 1, parallel: 3 });
    const phrases = ['every weekday at 9:30 am', 'every 15 minutes', 'mondays at 8pm', 'every 15 minutes'];
    const alone = [];
    for (const phrase of phrases) alone.push((await gather(model.generate(aRequest(aChat(phrase))))).text);
    const together = await Promise.all(
      phrases.map((phrase) => gather(wide.generate(aRequest(aChat(phrase))))),
    );
    expect(together.map((answer) => answer.text)).toEqual(alone);
  });

  it('refuses a model that does not fit, and names needed and free bytes', async () => {
    await using small = anEngine(() => 1_000_000);
    const needed = await small.estimateMemoryBytes(aFile(), { threads: 1 });
    expect(needed).toBeGreaterThan(2_050_208);
    expect(needed).toBeLessThan(64 * 1024 * 1024);
    await expect(small.load(aFile(), { threads: 1 })).rejects.toMatchObject({
      problem: { code: 'MEMORY_TOO_LOW', neededBytes: needed, freeBytes: 1_000_000 },
    });
  });

  it('keeps the weights of one file until the last model of it is closed', async () => {
    const [one, two] = [
      await engine.load(aFile(), { threads: 1 }),
      await engine.load(aFile(), { threads: 1 }),
    ];
    await one[Symbol.asyncDispose]();
    expect(await two.selfTest()).toMatchObject({ ok: true });
    await two[Symbol.asyncDispose]();
    await using three = await engine.load(aFile(), { threads: 1 });
    expect(await three.selfTest()).toMatchObject({ ok: true });
  });

  it('embeds with a model whose file says how to pool, and refuses with others', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cairn-embed-'));
    const path = join(folder, 'pooling.gguf');
    await writeFile(path, withMetadata(await readFile(DEFAULT_MODEL), 'llama.pooling_type', 1));
    await using pooling = await engine.load({ location: path, format: 'gguf' }, { threads: 1 });
    expect(pooling.capabilities.embed).toBe(true);
    const texts = ['every day at noon', 'every day at 12', 'every day at noon'];
    const { vectors, tokens } = await pooling.embed(texts);
    expect(tokens).toBeGreaterThan(6);
    expect(vectors.map((vector) => vector.length)).toEqual([128, 128, 128]);
    expect(vectors[2]).toEqual(vectors[0]);
    expect(vectors[1]).not.toEqual(vectors[0]);
    expect((await gather(pooling.generate(aRequest(selfTest.prompt)))).text).toBe(selfTest.expected);
    expect(await codeOf(() => model.embed(texts))).toBe('CAPABILITY_MISSING');
    await rm(folder, { recursive: true });
  });

  it('does not load what was cancelled', async () => {
    const load = () => engine.load(aFile(), { threads: 1, signal: AbortSignal.abort() });
    expect(await codeOf(load)).toBe('LOAD_CANCELLED');
  });

  it('refuses a damaged file before llama.cpp sees it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cairn-damaged-'));
    const path = join(folder, 'cut.gguf');
    await writeFile(path, (await readFile(DEFAULT_MODEL)).subarray(0, 1_000_000));
    expect(await codeOf(() => engine.load(aFile(path), { threads: 1 }))).toBe('MODEL_FILE_CORRUPT');
    await rm(folder, { recursive: true });
  });

  it('lets the process end by itself, with no connection made and nothing printed', async () => {
    const child = fileURLToPath(new URL('./one-answer.ts', import.meta.url));
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['--conditions=source', child, DEFAULT_MODEL],
      { timeout: 30_000 },
    );
    expect(JSON.parse(stdout)).toEqual({ answer: '30 9 * * 1-5', connections: 0, children: 0 });
    expect(stderr).toBe('');
  });

  it('says that a model file is missing', async () => {
    const load = () => engine.load(aFile('/nowhere/model.gguf'), { threads: 1 });
    await expect(load()).rejects.toThrow(EngineError);
    expect(await codeOf(load)).toBe('MODEL_FILE_MISSING');
  });

  it('fails waiting and running requests when it is closed under them', async () => {
    const closing = await engine.load(aFile(), { threads: 1 });
    const running = codeOf(() => gather(closing.generate(aRequest(selfTest.prompt))));
    const waiting = codeOf(() => gather(closing.generate(aRequest(selfTest.prompt))));
    await closing[Symbol.asyncDispose]();
    expect(await running).toBe('MODEL_CLOSED');
    expect(await waiting).toBe('MODEL_CLOSED');
  });
});
