import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anHttpTown, WHOLE_SURFACE } from '../packages/node/test/miner/http-town.ts';

const model = 'cairn/echo';
type Town = Awaited<ReturnType<typeof anHttpTown>>;

/** Events of a stream with their names. */
function namedEvents(
  text: string,
): readonly { readonly event: string; readonly data: Record<string, unknown> }[] {
  return [...text.matchAll(/event: (\S+)\ndata: (.*)\n/g)].map(([, event = '', data = '{}']) => ({
    event,
    data: JSON.parse(data),
  }));
}

describe('messages as Anthropic has them', () => {
  let town: Town;
  beforeAll(async () => {
    town = await anHttpTown(WHOLE_SURFACE);
  });
  afterAll(() => town[Symbol.asyncDispose]());
  const tools = [
    { name: 'weather', description: 'The weather.', input_schema: { type: 'object', properties: {} } },
  ];
  const ask = async (content: unknown, fields: object = {}) =>
    town.post('/v1/messages', {
      model,
      max_tokens: 50,
      messages: [{ role: 'user', content }],
      ...fields,
    });

  it('answers, stops and counts', async () => {
    const answer = JSON.parse(
      (await ask('one two three', { system: 'be brief', stop_sequences: ['three'] })).text,
    );
    expect(answer).toMatchObject({
      type: 'message',
      role: 'assistant',
      content: [{ type: 'text', text: 'one two ' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 5 },
    });
    const cut = JSON.parse((await ask([{ type: 'text', text: 'one two three' }], { max_tokens: 1 })).text);
    expect(cut).toMatchObject({ stop_reason: 'max_tokens', content: [{ text: 'one' }] });
    const counted = JSON.parse(
      (
        await town.post('/v1/messages/count_tokens', {
          model,
          messages: [{ role: 'user', content: 'hello' }],
        })
      ).text,
    );
    expect(counted.input_tokens).toBeGreaterThan(0);
  });

  it('uses tools and takes their results', async () => {
    const asked = JSON.parse((await ask('weather({"city":"Rome"})', { tools })).text);
    expect(asked).toMatchObject({
      stop_reason: 'tool_use',
      content: [{ type: 'tool_use', name: 'weather', input: { city: 'Rome' } }],
    });
    const [use] = asked.content;
    const done = await town.post('/v1/messages', {
      model,
      max_tokens: 50,
      tools,
      messages: [
        { role: 'user', content: 'weather?' },
        { role: 'assistant', content: [use] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: 'sunny' }] },
      ],
    });
    expect(JSON.parse(done.text)).toMatchObject({ stop_reason: 'end_turn', content: [{ text: 'weather?' }] });
  });

  it('streams blocks by named events', async () => {
    const said = namedEvents((await ask('one two', { stream: true })).text);
    expect(said.map(({ event }) => event)).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(said.every(({ event, data }) => data.type === event)).toBe(true);
    const calls = namedEvents((await ask('weather({"city":"Rome"})', { tools, stream: true })).text);
    const json = calls
      .map(({ data }) => (data.delta as { partial_json?: string })?.partial_json ?? '')
      .join('');
    expect(JSON.parse(json)).toEqual({ city: 'Rome' });
    expect(calls.at(-2)?.data).toMatchObject({ delta: { stop_reason: 'tool_use' } });
  });

  it('tells errors in its own form', async () => {
    const { status, text } = await ask('x', { model: 'nobody/knows' });
    expect([status, JSON.parse(text)]).toMatchObject([
      404,
      { type: 'error', error: { type: 'not_found_error' } },
    ]);
    const image = await ask([{ type: 'image', source: {} }]);
    expect(JSON.parse(image.text)).toMatchObject({ error: { type: 'invalid_request_error' } });
  });
});

describe('work that nobody does', () => {
  it.each([
    ['/v1/embeddings', { input: 'x' }, 'embed'],
    ['/v1/rerank', { query: 'x', documents: ['y'] }, 'rank'],
    ['/v1/images/generations', { prompt: 'x' }, 'image'],
    ['/v1/audio/speech', { input: 'x', voice: 'alloy' }, 'speech'],
    ['/v1/moderations', { input: 'x' }, 'moderate'],
  ])('of %s is a 404 that says which models there are', async (path, body, wanted) => {
    await using town = await anHttpTown();
    const { status, text } = await town.post(path, { model, ...body });
    const { error } = JSON.parse(text);
    expect([status, error.code, error.param, error.type]).toEqual([
      404,
      'model_kind_not_served',
      'model',
      'invalid_request_error',
    ]);
    expect(error.message).toContain(`for ${wanted}`);
    expect(error.message).toContain('cairn/echo (text)');
  });

  it('is said of a model that does something else', async () => {
    await using town = await anHttpTown({ ...WHOLE_SURFACE, card: { kind: 'embed' } });
    const { status, text } = await town.chat('hello');
    expect([status, JSON.parse(text).error.code]).toEqual([404, 'model_kind_not_served']);
  });
});

describe('what strangers send', () => {
  let town: Town;
  beforeAll(async () => {
    town = await anHttpTown(WHOLE_SURFACE);
  });
  afterAll(() => town[Symbol.asyncDispose]());
  const form = (body: string, type = 'multipart/form-data; boundary=b') =>
    town.fetchText('/v1/files', { method: 'POST', headers: { 'content-type': type }, body });

  it.each([
    ['no boundary', 'x', 'multipart/form-data', 415],
    ['another boundary', '--c\r\n\r\n', undefined, 400],
    ['no head', '--b\r\nx', undefined, 400],
    ['an endless head', `--b\r\n${'x'.repeat(5000)}\r\n\r\ny\r\n--b--`, undefined, 400],
    ['a part without a name', '--b\r\ncontent-disposition: form-data\r\n\r\ny\r\n--b--', undefined, 400],
    ['no end', '--b\r\ncontent-disposition: form-data; name="file"; filename="x"\r\n\r\ny', undefined, 400],
    ['no file', '--b\r\ncontent-disposition: form-data; name="file"\r\n\r\ny\r\n--b--', undefined, 400],
    [
      'a hundred parts',
      `${'--b\r\ncontent-disposition: form-data; name="x"\r\n\r\ny\r\n'.repeat(100)}--b--`,
      undefined,
      400,
    ],
  ])('as a form with %s is refused', async (_name, body, type, status) => {
    const answer = await form(body, type);
    expect(answer.status, answer.text).toBe(status);
    expect(JSON.parse(answer.text).error.type).toBe('invalid_request_error');
  });

  it('as a form from a page elsewhere, or where no form is read, is refused', async () => {
    const elsewhere = await town.fetchText('/v1/files', {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=b', origin: 'https://example.org' },
      body: '--b--',
    });
    expect(elsewhere.status).toBe(403);
    const chat = await town.fetchText('/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: '--b--',
    });
    expect(chat.status).toBe(415);
  });

  it('of others is never found: files, batches and responses belong to who made them', async () => {
    const file = '--b\r\ncontent-disposition: form-data; name="file"; filename="x"\r\n\r\ny\r\n';
    const purpose = '--b\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--b--';
    await using keyed = await anHttpTown({ ...WHOLE_SURFACE, gateway: { keys: ['k1', 'k2'] } });
    const by = (key: string) => ({ authorization: `Bearer ${key}` });
    const made = await keyed.fetchText('/v1/files', {
      method: 'POST',
      headers: { ...by('k1'), 'content-type': 'multipart/form-data; boundary=b' },
      body: file + purpose,
    });
    const { id } = JSON.parse(made.text);
    expect((await keyed.get(`/v1/files/${id}`, by('k1'))).status).toBe(200);
    for (const path of [`/v1/files/${id}`, `/v1/files/${id}/content`]) {
      expect((await keyed.get(path, by('k2'))).status, path).toBe(404);
    }
    expect(JSON.parse((await keyed.get('/v1/files', by('k2'))).text).data).toEqual([]);
    const response = await keyed.post('/v1/responses', { model, input: 'mine' }, by('k1'));
    const mine = JSON.parse(response.text).id;
    expect((await keyed.get(`/v1/responses/${mine}`, by('k2'))).status).toBe(404);
    const stolen = await keyed.post(
      '/v1/responses',
      { model, input: 'x', previous_response_id: mine },
      by('k2'),
    );
    expect(stolen.status).toBe(404);
  });

  it('as half of a file when the gateway stopped is cleared away at the next start', async () => {
    const first = await anHttpTown(WHOLE_SURFACE);
    await first.storage.set('data/file-lost/000000', new Uint8Array(9));
    await first[Symbol.asyncDispose]();
    await using second = await anHttpTown({ ...WHOLE_SURFACE, storage: first.storage });
    expect(JSON.parse((await second.get('/v1/files')).text).data).toEqual([]);
    expect([...first.storage.keys('data/')]).toEqual([]);
  });

  it.each([
    ['tools without a name', '/v1/chat/completions', { tools: [{ type: 'function', function: {} }] }],
    ['a tool that is none', '/v1/chat/completions', { tools: [{ type: 'web_search' }] }],
    ['a choice of no tool', '/v1/chat/completions', { tool_choice: 'required' }],
    [
      '129 tools',
      '/v1/chat/completions',
      { tools: Array(129).fill({ type: 'function', function: { name: 'x' } }) },
    ],
    [
      'a schema of a megabyte',
      '/v1/chat/completions',
      { tools: [{ type: 'function', function: { name: 'x', parameters: { x: 'y'.repeat(70_000) } } }] },
    ],
    ['a call without JSON', '/v1/chat/completions', { messages: [callWith('nope')] }],
    ['no texts', '/v1/embeddings', { input: [] }],
    ['2049 texts', '/v1/embeddings', { input: Array(2049).fill('x') }],
    ['token ids', '/v1/embeddings', { input: [1, 2] }],
    ['eleven images', '/v1/images/generations', { prompt: 'x', n: 11 }],
    ['a size of no number', '/v1/images/generations', { prompt: 'x', size: 'huge' }],
    ['an unknown item', '/v1/responses', { input: [{ type: 'computer_call' }] }],
    [
      'a batch of nothing',
      '/v1/batches',
      { endpoint: '/v1/x', completion_window: '24h', input_file_id: 'f' },
    ],
  ])('as %s is refused with what is wrong', async (_name, path, body) => {
    const { status, text } = await town.post(path, {
      model,
      messages: [{ role: 'user', content: 'x' }],
      ...body,
    });
    const { error } = JSON.parse(text);
    expect(status, text).toBe(400);
    expect(typeof error.param, text).toBe('string');
  });
});

function callWith(text: string): object {
  return {
    role: 'assistant',
    content: null,
    tool_calls: [{ id: 'c', type: 'function', function: { name: 'x', arguments: text } }],
  };
}

describe('a batch', () => {
  const lines = (count: number) =>
    Array.from({ length: count }, (_, index) =>
      JSON.stringify({
        custom_id: `line ${index}`,
        method: 'POST',
        url: '/v1/embeddings',
        body: { model, input: `text ${index}` },
      }),
    ).join('\n');
  async function upload(town: Town, text: string) {
    const body = `--b\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--b\r\ncontent-disposition: form-data; name="file"; filename="x.jsonl"\r\n\r\n${text}\r\n--b--\r\n`;
    const headers = { 'content-type': 'multipart/form-data; boundary=b' };
    return JSON.parse((await town.fetchText('/v1/files', { method: 'POST', headers, body })).text);
  }
  const wanted = (file: { id: string }) => ({
    input_file_id: file.id,
    endpoint: '/v1/embeddings',
    completion_window: '24h',
  });
  const start = async (town: Town, text: string) =>
    JSON.parse((await town.post('/v1/batches', wanted(await upload(town, text)))).text);
  async function end(town: Town, id: string) {
    for (;;) {
      const batch = JSON.parse((await town.get(`/v1/batches/${id}`)).text);
      if (!['in_progress', 'cancelling'].includes(batch.status)) return batch;
    }
  }

  it('with faulty lines fails at once and says which', async () => {
    await using town = await anHttpTown(WHOLE_SURFACE);
    const batch = await start(town, `${lines(1)}\n{"custom_id":"line 0"}\nnot json`);
    expect(batch.status).toBe('failed');
    expect(batch.errors.data).toMatchObject([
      { line: 2, code: 'duplicate_custom_id' },
      { line: 3, code: 'invalid_json_line' },
    ]);
  });

  it('goes on after a restart with the lines that are left, and pays none twice', async () => {
    const first = await anHttpTown(WHOLE_SURFACE);
    const { id } = await start(first, lines(300));
    await first.gateway.stop();
    const paid = first.gateway.usage('local').answers;
    expect(paid).toBeLessThan(300);
    await using second = await anHttpTown({ ...WHOLE_SURFACE, storage: first.storage });
    const batch = await end(second, id);
    expect(batch).toMatchObject({
      status: 'completed',
      request_counts: { total: 300, completed: 300, failed: 0 },
    });
    const kept = (await second.get(`/v1/files/${batch.output_file_id}/content`)).text.trim().split('\n');
    expect(kept.map((line) => JSON.parse(line).custom_id)).toEqual(kept.map((_, index) => `line ${index}`));
    expect(paid + second.gateway.usage('local').answers).toBeLessThanOrEqual(301);
    await first[Symbol.asyncDispose]();
  });

  it('keeps every answer that was paid where the files of its caller leave no room', async () => {
    await using town = await anHttpTown(WHOLE_SURFACE);
    for (let files = 0; files < 250; files += 1) await upload(town, 'x');
    const { id } = await start(town, lines(300));
    for (let files = 251; files < 256; files += 1) await upload(town, 'x');
    const batch = await end(town, id);
    expect(batch.status).toBe('failed');
    expect(batch.errors.data).toMatchObject([{ code: 'storage_full' }]);
    const paid = town.gateway.usage('local').answers;
    const kept = (await town.get(`/v1/files/${batch.output_file_id}/content`)).text.trim().split('\n');
    expect([kept.length, batch.request_counts.completed]).toEqual([paid, paid]);
    expect(paid).toBeLessThan(300);
    const next = await end(
      town,
      JSON.parse((await town.post('/v1/batches', wanted({ id: batch.input_file_id }))).text).id,
    );
    expect([next.status, town.gateway.usage('local').answers]).toEqual(['failed', paid]);
  });

  it('asked for again under its Idempotency-Key is the same batch', async () => {
    await using town = await anHttpTown(WHOLE_SURFACE);
    const fields = wanted(await upload(town, lines(3)));
    const ask = () => town.post('/v1/batches', fields, { 'idempotency-key': 'one batch' });
    const [first, again] = [await ask(), await ask()];
    expect(again.headers['x-cairn-replayed']).toBe('true');
    expect(JSON.parse(again.text).id).toBe(JSON.parse(first.text).id);
    await end(town, JSON.parse(first.text).id);
    expect(town.gateway.usage('local').answers).toBe(3);
  });

  it('is cancelled between two lines and keeps what it has', async () => {
    await using town = await anHttpTown(WHOLE_SURFACE);
    const { id } = await start(town, lines(300));
    const cancelling = JSON.parse((await town.post(`/v1/batches/${id}/cancel`, {})).text);
    expect(cancelling.status).toBe('cancelling');
    const batch = await end(town, id);
    expect(batch.status).toBe('cancelled');
    expect(batch.request_counts.completed).toBeLessThan(300);
  });
});
