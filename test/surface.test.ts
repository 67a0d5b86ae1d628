import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anHttpTown, WHOLE_SURFACE } from '../packages/node/test/miner/http-town.ts';

const parameters = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};
const model = 'cairn/echo';
const tools = [
  { type: 'function' as const, function: { name: 'weather', description: 'The weather.', parameters } },
  { type: 'function' as const, function: { name: 'clock' } },
];
const user = (content: string) => [{ role: 'user' as const, content }];

describe('the stock client on every endpoint', () => {
  let town: Awaited<ReturnType<typeof anHttpTown>>;
  let client: OpenAI;
  beforeAll(async () => {
    town = await anHttpTown(WHOLE_SURFACE);
    client = new OpenAI({ baseURL: `http://127.0.0.1:${town.port}/v1`, apiKey: 'none', maxRetries: 0 });
  });
  afterAll(() => town[Symbol.asyncDispose]());

  it('lists models with what OpenRouter tells of them', async () => {
    const names: string[] = [];
    for await (const entry of client.models.list()) names.push(entry.id);
    expect(names).toEqual(['cairn/echo', 'cairn/echo:f16']);
    expect(await client.models.retrieve(model)).toMatchObject({
      supported_parameters: expect.arrayContaining(['tools', 'response_format', 'structured_outputs']),
      top_provider: { context_length: 4096 },
      architecture: { modality: 'text->text' },
    });
  });

  it('calls one tool, several, a named one and none', async () => {
    const ask = (content: string, fields: object = {}) =>
      client.chat.completions.create({ model, messages: user(content), tools, ...fields });
    const two = await ask('weather({"city":"Rome"}) clock({})');
    expect(two.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        content: null,
        tool_calls: [
          { type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } },
          { type: 'function', function: { name: 'clock', arguments: '{}' } },
        ],
      },
    });
    const one = await ask('weather({"city":"Rome"}) clock({})', { parallel_tool_calls: false });
    expect(one.choices[0]?.message.tool_calls).toHaveLength(1);
    const named = await ask('hello', { tool_choice: { type: 'function', function: { name: 'clock' } } });
    expect(named.choices[0]?.message.tool_calls?.[0]).toMatchObject({
      function: { name: 'clock', arguments: '{}' },
    });
    const none = await ask('weather({"city":"Rome"})', { tool_choice: 'none' });
    expect(none.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: 'weather({"city":"Rome"})' },
    });
  });

  it('streams calls with their kind and name first and arguments that are never empty', async () => {
    const stream = await client.chat.completions.create({
      model,
      messages: user('weather({"city":"Rome"}) clock({})'),
      tools,
      stream: true,
      stream_options: { include_usage: true },
    });
    const deltas: { index: number; type?: string; function?: { name?: string; arguments?: string } }[] = [];
    let usage = 0;
    for await (const chunk of stream) {
      deltas.push(...(chunk.choices[0]?.delta.tool_calls ?? []));
      usage = chunk.usage?.total_tokens ?? usage;
    }
    for (const index of [0, 1]) {
      const mine = deltas.filter((delta) => delta.index === index);
      expect(mine[0]).toMatchObject({
        type: 'function',
        function: { name: index === 0 ? 'weather' : 'clock' },
      });
      const text = mine.map((delta) => delta.function?.arguments ?? '').join('');
      expect(JSON.parse(text)).toEqual(index === 0 ? { city: 'Rome' } : {});
    }
    expect(usage).toBeGreaterThan(0);
  });

  it('runs tools to the end, streaming both turns', async () => {
    const asked: unknown[] = [];
    const runner = client.chat.completions.runTools({
      model,
      stream: true,
      messages: user('weather({"city":"Rome"})'),
      tools: [
        {
          type: 'function',
          function: {
            name: 'weather',
            description: 'The weather.',
            parameters,
            parse: JSON.parse,
            function: async (given: unknown) => {
              asked.push(given);
              return 'sunny';
            },
          },
        },
      ],
    });
    expect(await runner.finalContent()).toBe('weather({"city":"Rome"})');
    expect(asked).toEqual([{ city: 'Rome' }]);
  });

  it('answers n times, each paid with a receipt of its own', async () => {
    const spent = town.gateway.usage('local');
    const whole = await client.chat.completions.create({ model, messages: user('a b c'), n: 3 });
    expect(whole.choices.map(({ index, message }) => [index, message.content])).toEqual([
      [0, 'a b c'],
      [1, 'a b c'],
      [2, 'a b c'],
    ]);
    expect(whole.usage?.completion_tokens).toBe(9);
    expect(town.gateway.usage('local').answers - spent.answers).toBe(3);
    const texts = ['', ''];
    const stream = await client.chat.completions.create({ model, messages: user('a b'), n: 2, stream: true });
    for await (const { choices } of stream) {
      for (const { index, delta } of choices) texts[index] += delta.content ?? '';
    }
    expect(texts).toEqual(['a b', 'a b']);
  });

  it('holds answers to JSON', async () => {
    const said = '{"city":"Rome"}';
    const schema = { name: 'place', strict: true, schema: parameters };
    for (const response_format of [
      { type: 'json_object' as const },
      { type: 'json_schema' as const, json_schema: schema },
    ]) {
      const { choices } = await client.chat.completions.create({
        model,
        messages: user(said),
        response_format,
      });
      expect(JSON.parse(choices[0]?.message.content ?? '')).toEqual({ city: 'Rome' });
    }
  });

  it('gives responses, whole and by events, and goes on from one that it holds', async () => {
    const first = await client.responses.create({ model, input: 'one two' });
    expect(first).toMatchObject({ object: 'response', status: 'completed', output_text: 'one two' });
    expect(first.usage).toMatchObject({ output_tokens: 2, input_tokens_details: { cached_tokens: 0 } });
    const next = await client.responses.create({ model, input: 'three', previous_response_id: first.id });
    expect(next.usage?.input_tokens).toBe(5);
    const events: string[] = [];
    const numbers: number[] = [];
    let text = '';
    for await (const event of await client.responses.create({ model, input: 'one two', stream: true })) {
      events.push(event.type);
      numbers.push(event.sequence_number);
      if (event.type === 'response.output_text.delta') text += event.delta;
      if (event.type === 'response.completed') expect(event.response.usage?.output_tokens).toBe(2);
    }
    expect(numbers).toEqual(numbers.map((_, index) => index));
    expect(text).toBe('one two');
    expect([...new Set(events)]).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    await expect(
      client.responses.create({ model, input: 'x', previous_response_id: 'resp_x' }),
    ).rejects.toMatchObject({
      status: 404,
      code: 'response_not_found',
    });
  });

  it('calls functions in responses and takes their results', async () => {
    const functions = [{ type: 'function' as const, name: 'weather', parameters, strict: true }];
    const asked = await client.responses.create({
      model,
      input: 'weather({"city":"Rome"})',
      tools: functions,
    });
    const [call] = asked.output;
    expect(call).toMatchObject({ type: 'function_call', name: 'weather', arguments: '{"city":"Rome"}' });
    const { call_id } = call as { call_id: string };
    const done = await client.responses.create({
      model,
      tools: functions,
      previous_response_id: asked.id,
      input: [{ type: 'function_call_output', call_id, output: 'sunny' }],
    });
    expect(done.output_text).toBe('weather({"city":"Rome"})');
  });

  it('embeds, as floats and as base64, which the client asks for by itself', async () => {
    const input = ['abc', 'abd'];
    const floats = await client.embeddings.create({ model, input, encoding_format: 'float' });
    const packed = await client.embeddings.create({ model, input });
    expect(packed.data.map(({ embedding }) => [...embedding])).toEqual(
      floats.data.map(({ embedding }) => embedding),
    );
    expect(floats.data[0]?.embedding).toHaveLength(8);
    expect(floats.usage).toEqual({ prompt_tokens: 2, total_tokens: 2 });
  });

  it('moderates, draws, speaks, listens and ranks', async () => {
    const judged = await client.moderations.create({ model, input: ['fine', 'harm'] });
    expect(judged.results.map(({ flagged }) => flagged)).toEqual([false, true]);
    const drawn = await client.images.generate({
      model,
      prompt: 'a pixel',
      n: 2,
      response_format: 'b64_json',
    });
    expect(
      Buffer.from(drawn.data?.[1]?.b64_json ?? '', 'base64')
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG');
    const spoken = await client.audio.speech.create({
      model,
      input: 'hello',
      voice: 'alloy',
      response_format: 'wav',
    });
    expect(spoken.headers.get('content-type')).toBe('audio/wav');
    expect(await spoken.text()).toBe('wav:alloy:hello');
    const file = await toFile(Buffer.alloc(1234), 'sound.mp3');
    expect((await client.audio.transcriptions.create({ model, file })).text).toBe('1234 bytes of mp3');
    expect(await client.audio.translations.create({ model, file, response_format: 'vtt' })).toContain(
      'WEBVTT',
    );
    const ranked = await town.post('/v1/rerank', {
      model,
      query: 'abc',
      documents: ['zzz', 'abc'],
      top_n: 1,
    });
    expect(JSON.parse(ranked.text).results).toMatchObject([{ index: 1, document: { text: 'abc' } }]);
  });

  it('keeps files and works through batches, cheaper and line by line', async () => {
    const line = (custom_id: string, body: object) =>
      JSON.stringify({ custom_id, method: 'POST', url: '/v1/chat/completions', body });
    const lines = [
      line('good', { model, messages: user('one two') }),
      line('bad', { model: 'nobody/knows', messages: user('x') }),
    ].join('\n');
    const input = await client.files.create({
      purpose: 'batch',
      file: await toFile(Buffer.from(lines), 'in.jsonl'),
    });
    expect(input).toMatchObject({
      object: 'file',
      bytes: lines.length,
      purpose: 'batch',
      status: 'processed',
    });
    const before = town.gateway.usage('local').spent;
    const made = await client.batches.create({
      input_file_id: input.id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    });
    let batch = made;
    while (batch.status === 'in_progress') batch = await client.batches.retrieve(made.id);
    expect(batch).toMatchObject({
      status: 'completed',
      request_counts: { total: 2, completed: 1, failed: 1 },
    });
    const read = async (id: string | null | undefined) =>
      JSON.parse(await (await client.files.content(id ?? '')).text());
    const output = await read(batch.output_file_id);
    expect(output).toMatchObject({
      custom_id: 'good',
      response: { status_code: 200, body: { choices: [{ message: { content: 'one two' } }] } },
      error: null,
    });
    expect(await read(batch.error_file_id)).toMatchObject({
      custom_id: 'bad',
      response: { status_code: 404, body: { error: { code: 'model_not_found' } } },
    });
    const half = town.gateway.usage('local').spent - before;
    const { response } = await client.chat.completions
      .create({ model, messages: user('one two') })
      .withResponse();
    expect(half).toBeLessThan(BigInt(Math.round(Number(response.headers.get('x-cairn-cost')) * 1e9)));
    await client.files.delete(input.id);
    await expect(client.files.retrieve(input.id)).rejects.toMatchObject({
      status: 404,
      code: 'file_not_found',
    });
  });
});
