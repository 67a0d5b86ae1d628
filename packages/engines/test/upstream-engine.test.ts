import { describe, expect, it } from 'vitest';
import { createUpstreamEngine, discoverUpstreams } from '../src/index.ts';
import { aChat, aRequest, codeOf, describeEngine, gather } from './compliance.ts';
import { aClock, aLogger } from './parts.ts';
import { type StandIn, type StandInOptions, startStandIn, type UpstreamFault } from './stand-in-upstream.ts';

const aFile = (location = 'echo') => ({ location, format: 'upstream' as const });

async function aModel(standIn: StandIn, options: { maxAnswerBytes?: number; firstByteMs?: number } = {}) {
  const engine = createUpstreamEngine(
    { clock: aClock(), log: aLogger() },
    { baseUrl: standIn.baseUrl, ...options },
  );
  return engine.load(aFile(), { threads: 1 });
}

const shared = await startStandIn();
describeEngine({
  name: 'upstream',
  load: () => aModel(shared),
  question: aChat('one two three four five'),
  answer: 'one two three four five',
  otherQuestion: aChat('six seven eight nine'),
  otherAnswer: 'six seven eight nine',
  stop: 'o thr',
});

describe('upstream engine', () => {
  it('serves a model of Ollama under its short name', async () => {
    await using standIn = await startStandIn({ ollama: true });
    const engine = createUpstreamEngine(
      { clock: aClock(), log: aLogger() },
      { baseUrl: standIn.baseUrl, kind: 'ollama' },
    );
    await using model = await engine.load(aFile(), { threads: 1 });
    expect((await gather(model.generate(aRequest(aChat('hello there'))))).text).toBe('hello there');
    expect(standIn.bodies.at(-1)).toMatchObject({ model: 'echo:latest', stream: true });
  });

  it('passes sampling, seed and bounds on', async () => {
    await using standIn = await startStandIn();
    await using model = await aModel(standIn);
    const fields = { temperature: 0.5, topP: 0.9, seed: 7, maxTokens: 9, stop: ['!'] };
    await gather(model.generate(aRequest(aChat('hello'), fields)));
    expect(standIn.bodies.at(-1)).toMatchObject({
      temperature: 0.5,
      top_p: 0.9,
      seed: 7,
      max_tokens: 9,
      stop: ['!'],
      stream_options: { include_usage: true },
    });
  });

  it('completes plain text', async () => {
    await using standIn = await startStandIn();
    await using model = await aModel(standIn);
    const got = await gather(model.generate(aRequest({ kind: 'text', text: 'once upon a time' })));
    expect(got.text).toBe('once upon a time');
    expect(got.end).toMatchObject({ finishReason: 'stop', promptTokens: 7, completionTokens: 4 });
  });

  it('takes the context from what the server tells', async () => {
    await using standIn = await startStandIn();
    await using model = await aModel(standIn);
    expect(model.capabilities.contextTokens).toBe(2048);
  });

  it.each<[string, StandInOptions, true | null]>([
    ['with token ids', { tokenIds: true }, true],
    ['without token ids', {}, null],
    ['refused', { refusesLogprobs: true }, null],
  ])('declares log probabilities only as they came back: %s', async (_name, options, expected) => {
    await using standIn = await startStandIn(options);
    await using model = await aModel(standIn);
    expect(model.capabilities.logprobs).toBe(expected);
    const got = await gather(model.generate(aRequest(aChat('hello there'), { topLogprobs: 1 })));
    const told = got.deltas.flatMap((delta) => delta.logprobs ?? []);
    expect(told.map((entry) => entry.tokenId)).toEqual(expected === true ? [0, 1] : []);
  });

  it.each<[UpstreamFault, string]>([
    ['cut', 'STREAM_CUT'],
    ['endWithoutDone', 'STREAM_CUT'],
    ['doneWithoutReason', 'STREAM_CUT'],
    ['errorEvent', 'UPSTREAM_FAILED'],
    ['status500', 'UPSTREAM_FAILED'],
    ['notJson', 'UPSTREAM_FAILED'],
    ['noUsage', 'UPSTREAM_FAILED'],
    ['flood', 'UPSTREAM_FAILED'],
    ['silence', 'UPSTREAM_TIMED_OUT'],
  ])('never ends cleanly after %s', async (fault, code) => {
    await using standIn = await startStandIn({ fault });
    await using model = await aModel(standIn, { maxAnswerBytes: 1 << 20, firstByteMs: 300 });
    const question = aRequest(aChat('a faulty answer of words'));
    expect(await codeOf(() => gather(model.generate(question)))).toBe(code);
    expect((await gather(model.generate(aRequest(aChat('well again'))))).text).toBe('well again');
  });

  it('quotes a refusal of the server without its control characters', async () => {
    await using standIn = await startStandIn({ fault: 'status500' });
    await using model = await aModel(standIn);
    await expect(gather(model.generate(aRequest(aChat('faulty'))))).rejects.toMatchObject({
      problem: { code: 'UPSTREAM_FAILED', status: 500, reason: 'the model fell over' },
    });
  });

  it('cuts at a stop text even where the server ignores it', async () => {
    await using standIn = await startStandIn({ fault: 'ignoresStop' });
    await using model = await aModel(standIn);
    const got = await gather(model.generate(aRequest(aChat('a faulty stop here'), { stop: ['ty st'] })));
    expect(got.text).toBe('a faul');
    expect(got.end).toMatchObject({ finishReason: 'stop', completionTokens: 4 });
  });

  it('names the models a server offers when the wanted one is absent', async () => {
    await using standIn = await startStandIn();
    const engine = createUpstreamEngine({ clock: aClock(), log: aLogger() }, { baseUrl: standIn.baseUrl });
    const load = engine.load(aFile('other'), { threads: 1 });
    await expect(load).rejects.toMatchObject({
      problem: { code: 'UPSTREAM_MODEL_MISSING', model: 'other', offered: ['echo'] },
    });
  });

  it('says that nobody listens', async () => {
    const standIn = await startStandIn();
    await standIn[Symbol.asyncDispose]();
    expect(await codeOf(() => aModel(standIn))).toBe('UPSTREAM_UNREACHABLE');
  });
});

describe('discovery', () => {
  it('finds servers with their kind and models, and leaves out what is absent or something else', async () => {
    await using ollama = await startStandIn({ ollama: true });
    await using vllm = await startStandIn({ ownedBy: 'vllm' });
    await using gone = await startStandIn();
    await gone[Symbol.asyncDispose]();
    const found = await discoverUpstreams({}, [
      { baseUrl: ollama.baseUrl, kind: 'ollama' },
      { baseUrl: vllm.baseUrl, kind: 'openai' },
      { baseUrl: gone.baseUrl, kind: 'openai' },
      { baseUrl: vllm.baseUrl, kind: 'ollama' },
    ]);
    expect(found).toEqual([
      { kind: 'ollama', baseUrl: ollama.baseUrl, models: [{ id: 'echo:latest', contextTokens: null }] },
      { kind: 'vllm', baseUrl: vllm.baseUrl, models: [{ id: 'echo', contextTokens: 2048 }] },
    ]);
  });
});
