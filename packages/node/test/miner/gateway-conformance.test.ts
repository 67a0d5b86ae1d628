import { describe, expect, it } from 'vitest';
import { anHttpTown, readEvents } from './http-town.ts';
import { anOffer } from './parts.ts';

const user = (content: unknown) => [{ role: 'user', content }];

describe('what stock clients rely on', () => {
  it('lists models with what they cost, and one by its escaped or plain name', async () => {
    await using town = await anHttpTown();
    const list = JSON.parse((await town.get('/v1/models')).text);
    expect(list.object).toBe('list');
    expect(list.data.map((model: { id: string }) => model.id)).toEqual(['cairn/echo', 'cairn/echo:f16']);
    expect(list.data[0]).toMatchObject({ object: 'model', owned_by: 'cairn', context_length: 4096 });
    for (const path of ['/v1/models/cairn/echo', '/v1/models/cairn%2Fecho', '/v1/models?after=x']) {
      expect((await town.get(path)).status, path).toBe(200);
    }
  });

  it('completes text, with the default of sixteen tokens', async () => {
    await using town = await anHttpTown();
    const answer = JSON.parse(
      (await town.post('/v1/completions', { model: 'cairn/echo', prompt: 'a b c' })).text,
    );
    expect(answer).toMatchObject({
      object: 'text_completion',
      choices: [{ text: 'a b c', finish_reason: 'stop' }],
    });
    const long = Array.from({ length: 40 }, () => 'w').join(' ');
    const cut = JSON.parse(
      (await town.post('/v1/completions', { model: 'cairn/echo', prompt: [long] })).text,
    );
    expect(cut).toMatchObject({ choices: [{ finish_reason: 'length' }], usage: { completion_tokens: 16 } });
    const stream = readEvents(
      (await town.post('/v1/completions', { model: 'cairn/echo', prompt: 'a b', stream: true })).text,
    );
    expect(stream.chunks.map((chunk) => chunk.choices[0].text).join('')).toBe('a b');
    expect(stream.isDone).toBe(true);
  });

  it('takes parts, developer messages, both names of the limit, stops and unknown headers', async () => {
    await using town = await anHttpTown();
    const parts = [
      { type: 'text', text: 'one two ' },
      { type: 'text', text: 'three four' },
    ];
    const { status, text } = await town.post(
      '/v1/chat/completions',
      {
        model: 'cairn/echo',
        messages: [{ role: 'developer', content: 'be brief' }, ...user(parts)],
        max_completion_tokens: 3,
        temperature: 1,
        top_p: 0.9,
        n: 1,
        user: 'someone',
        store: false,
        metadata: {},
        tools: [],
        response_format: { type: 'text' },
        stop: ['four'],
      },
      { 'x-stainless-lang': 'js', 'openai-beta': 'x', 'x-unknown': '1', 'openai-organization': 'o' },
    );
    expect(status, text).toBe(200);
    expect(JSON.parse(text).choices[0]).toMatchObject({
      message: { content: 'one two three' },
      finish_reason: 'length',
    });
  });

  it('leaves usage out of a stream unless asked, and ends each stream once', async () => {
    await using town = await anHttpTown();
    const { text } = await town.chat('a b', { stream: true });
    const { chunks, isDone } = readEvents(text);
    expect(chunks.every((chunk) => !('usage' in chunk))).toBe(true);
    expect(chunks[0].choices[0].delta).toMatchObject({ role: 'assistant', content: '' });
    expect(isDone).toBe(true);
    expect(text.match(/\[DONE\]/g)).toHaveLength(1);
    expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1);
  });
});

describe('errors as clients read them', () => {
  const cases: readonly [string, unknown, number, string, string | null][] = [
    ['malformed JSON', '{"model":', 400, 'invalid_json', null],
    ['a list', '[]', 400, 'invalid_json', null],
    ['no model', { messages: user('x') }, 400, 'missing_required_parameter', 'model'],
    ['no messages', { model: 'cairn/echo' }, 400, 'missing_required_parameter', 'messages'],
    ['no message', { model: 'cairn/echo', messages: [] }, 400, 'invalid_value', 'messages'],
    [
      'a role nobody has',
      { model: 'cairn/echo', messages: [{ role: 'x', content: 'x' }] },
      400,
      'invalid_value',
      'messages[0].role',
    ],
    [
      'an image',
      { model: 'cairn/echo', messages: user([{ type: 'image_url', image_url: {} }]) },
      400,
      'unsupported_parameter',
      'messages[0].content[0].type',
    ],
    [
      'a temperature too high',
      { model: 'cairn/echo', messages: user('x'), temperature: 3 },
      400,
      'invalid_value',
      'temperature',
    ],
    [
      'a temperature as text',
      { model: 'cairn/echo', messages: user('x'), temperature: '1' },
      400,
      'invalid_value',
      'temperature',
    ],
    [
      'no tokens',
      { model: 'cairn/echo', messages: user('x'), max_tokens: 0 },
      400,
      'invalid_value',
      'max_tokens',
    ],
    ['too many answers', { model: 'cairn/echo', messages: user('x'), n: 17 }, 400, 'invalid_value', 'n'],
    [
      'tools',
      { model: 'cairn/echo', messages: user('x'), tools: [{ type: 'function', function: { name: 'f' } }] },
      400,
      'unsupported_parameter',
      'tools',
    ],
    [
      'a JSON schema',
      {
        model: 'cairn/echo',
        messages: user('x'),
        response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object' } } },
      },
      400,
      'unsupported_parameter',
      'response_format',
    ],
    [
      'a seed nobody takes',
      { model: 'cairn/echo', messages: user('x'), seed: 1 },
      400,
      'unsupported_parameter',
      'seed',
    ],
    [
      'log probabilities nobody tells',
      { model: 'cairn/echo', messages: user('x'), logprobs: true },
      400,
      'unsupported_parameter',
      'logprobs',
    ],
    [
      'top_logprobs alone',
      { model: 'cairn/echo', messages: user('x'), top_logprobs: 2 },
      400,
      'invalid_value',
      'top_logprobs',
    ],
    [
      'five stops',
      { model: 'cairn/echo', messages: user('x'), stop: ['a', 'b', 'c', 'd', 'e'] },
      400,
      'invalid_value',
      'stop',
    ],
    [
      'stream options without a stream',
      { model: 'cairn/echo', messages: user('x'), stream_options: {} },
      400,
      'invalid_value',
      'stream_options',
    ],
    [
      'a prompt no context holds',
      { model: 'cairn/echo', messages: user('word '.repeat(20_000)) },
      400,
      'context_length_exceeded',
      null,
    ],
    ['a model nobody serves', { model: 'gpt-4o', messages: user('x') }, 404, 'model_not_found', 'model'],
    [
      'a body too large',
      { model: 'cairn/echo', messages: user('x'.repeat(1_100_000)) },
      413,
      'request_too_large',
      null,
    ],
    [
      'a provider nobody is',
      { model: 'cairn/echo', messages: user('x'), provider: { only: ['nobody'] } },
      503,
      'no_provider_available',
      null,
    ],
  ];
  it.each(cases)('%s', async (_what, body, status, code, param) => {
    await using town = await anHttpTown();
    const answer = await town.post('/v1/chat/completions', body);
    const { error } = JSON.parse(answer.text);
    expect([answer.status, error.code, error.param]).toEqual([status, code, param]);
    expect(error.message.length).toBeGreaterThan(10);
    expect(typeof error.type).toBe('string');
    expect(answer.headers['x-request-id']).toMatch(/^req_/);
    expect(town.payer.channels()).toHaveLength(0);
  });

  it('names the models there are, and says when to come back', async () => {
    await using town = await anHttpTown({ terms: { maxConcurrency: 0 } });
    const missing = await town.post('/v1/chat/completions', { model: 'x', messages: user('x') });
    expect(missing.text).toContain('cairn/echo');
    const busy = await town.chat('x');
    expect([busy.status, busy.headers['retry-after']]).toEqual([503, '1']);
  });

  it('tells paths and methods apart', async () => {
    await using town = await anHttpTown();
    expect((await town.get('/elsewhere')).text).toBe('elsewhere');
    for (const path of ['/v1', '/v1/nothing', '/v1/models/x/y']) {
      const { status, text } = await town.get(path);
      expect([status, JSON.parse(text).error.type], path).toEqual([404, 'invalid_request_error']);
    }
    const wrong = await town.get('/v1/chat/completions');
    expect([wrong.status, wrong.headers.allow]).toEqual([405, 'POST']);
    expect((await town.get(`/v1/receipts/${'0'.repeat(64)}`)).status).toBe(404);
  });

  it('stops at the budget of a day and at what it takes at once', async () => {
    await using poor = await anHttpTown({ gateway: { meter: { dailyLimit: 100n } } });
    const over = await poor.chat('hi', { max_tokens: 1000 });
    expect([over.status, JSON.parse(over.text).error.code]).toEqual([402, 'budget_exceeded']);
    expect((await poor.chat('hi', { max_tokens: 1 })).status).toBe(402);
    expect(poor.gateway.usage('local')).toMatchObject({ spent: 0n, held: 0n });
    await using full = await anHttpTown({ gateway: { meter: { mostInFlight: 0 } } });
    const busy = await full.chat('hi');
    expect([busy.status, busy.headers['retry-after']]).toEqual([429, '1']);
  });
});

describe('an Idempotency-Key', () => {
  it('gives the same answer again and charges once', async () => {
    await using town = await anHttpTown();
    for (const fields of [{}, { stream: true }]) {
      const headers = { 'idempotency-key': `key ${JSON.stringify(fields)}` };
      const first = await town.chat('pay once', fields, headers);
      const [before] = town.payer.channels();
      const again = await town.chat('pay once', fields, headers);
      expect(again.text).toBe(first.text);
      expect(again.headers['x-cairn-replayed']).toBe('true');
      expect(town.payer.channels()[0]?.settled).toBe(before?.settled);
      const other = await town.chat('something else', fields, headers);
      expect([other.status, JSON.parse(other.text).error.code]).toEqual([422, 'idempotency_key_reused']);
    }
  });

  it('is free again after a failure, and busy meanwhile', async () => {
    const gate = Promise.withResolvers<void>();
    await using town = await anHttpTown({ echo: { beforeToken: () => gate.promise } });
    const headers = { 'idempotency-key': 'k' };
    expect(
      (await town.post('/v1/chat/completions', { model: 'x', messages: user('x') }, headers)).status,
    ).toBe(404);
    const first = town.post('/v1/chat/completions', { model: 'x', messages: user('x') }, headers);
    expect((await first).status).toBe(404);
    const running = town.chat('x', {}, { 'idempotency-key': 'other' });
    while (town.miner.miner.serving === 0) await new Promise((resolve) => setImmediate(resolve));
    expect((await town.chat('x', {}, { 'idempotency-key': 'other' })).status).toBe(409);
    gate.resolve();
    expect((await running).status).toBe(200);
  });
});

describe('providers that fail', () => {
  it('are passed over before the first token', async () => {
    await using town = await anHttpTown();
    for (const name of ['gone1', 'gone2'])
      town.extra.push(anOffer(new Uint8Array(32).fill(name.length), name));
    for (let round = 0; round < 6; round += 1) {
      const { status, text } = await town.chat('still answered', { provider: { order: ['gone1'] } });
      expect(status, text).toBe(200);
    }
  });

  it('in the middle are told as an error event and never as a clean end', async () => {
    await using town = await anHttpTown({ echo: { faults: [{ atToken: 3, kind: 'fail' }] } });
    const { text, status } = await town.chat('a b c d e', { stream: true });
    const { chunks, isDone } = readEvents(text);
    expect([status, isDone]).toEqual([200, false]);
    expect(chunks.at(-1).error).toMatchObject({ type: 'server_error', code: 'provider_failed' });
    expect(chunks.some((chunk) => chunk.choices?.[0]?.finish_reason)).toBe(false);
    const whole = await town.chat('a b c d e');
    expect([whole.status, JSON.parse(whole.text).error.code]).toEqual([502, 'provider_failed']);
  });

  it('at any frame never look like an answer', async () => {
    for (let cutAt = 0; cutAt < 14; cutAt += 1) {
      await using town = await anHttpTown({
        network: { onFrame: ({ from, index }) => (from === 'miner' && index === cutAt ? 'cut' : 'pass') },
      });
      const { text, status } = await town.chat('a b c d e f g h', { stream: true });
      const isClean = status === 200 && readEvents(text).isDone;
      if (!isClean) expect(text, `cut at ${cutAt}`).toContain('"error"');
      if (isClean)
        expect(
          readEvents(text)
            .chunks.map((chunk) => chunk.choices[0]?.delta?.content ?? '')
            .join(''),
        ).toBe('a b c d e f g h');
    }
  });

  it('are cancelled when the client hangs up', async () => {
    const ended: number[] = [];
    await using town = await anHttpTown({
      echo: {
        beforeToken: async (token) => {
          ended.push(token);
          await new Promise((resolve) => setImmediate(resolve));
        },
      },
    });
    const long = Array.from({ length: 400 }, (_, index) => `w${index}`).join(' ');
    await town.chat(long, { stream: true }, {}, (text) => text.includes('w5'));
    while (town.miner.miner.serving > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(Math.max(...ended)).toBeLessThan(390);
    expect([...town.payer.receipts()].at(-1)?.receipt.finishReason).toBe('cancelled');
    expect(town.gateway.usage('local').held).toBe(0n);
  });
});
