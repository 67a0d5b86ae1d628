import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anHttpTown, readEvents, WHOLE_SURFACE } from '../packages/node/test/miner/http-town.ts';

/**
 * The fields that OpenAI's specification requires of each answer, with their types. A word is a type; `x|null` may be
 * null; a list has one shape for all its items; `?` before a name: may be missing.
 */
type Shape = string | readonly [Shape] | { readonly [name: string]: Shape };

const usage = { prompt_tokens: 'whole', completion_tokens: 'whole', total_tokens: 'whole' };
const call = { id: 'text', type: '=function', function: { name: 'text', arguments: 'text' } };
const finish = 'text';
const SHAPES = {
  models: {
    object: '=list',
    data: [{ id: 'text', object: '=model', created: 'whole', owned_by: 'text', context_length: 'whole' }],
  },
  chat: {
    id: 'text',
    object: '=chat.completion',
    created: 'whole',
    model: 'text',
    choices: [
      {
        index: 'whole',
        message: { role: '=assistant', content: 'text|null', refusal: 'text|null', '?tool_calls': [call] },
        logprobs: 'object|null',
        finish_reason: finish,
      },
    ],
    usage,
  },
  chunk: {
    id: 'text',
    object: '=chat.completion.chunk',
    created: 'whole',
    model: 'text',
    choices: [{ index: 'whole', delta: 'object', finish_reason: 'text|null' }],
  },
  completion: {
    id: 'text',
    object: '=text_completion',
    created: 'whole',
    model: 'text',
    choices: [{ index: 'whole', text: 'text', logprobs: 'object|null', finish_reason: finish }],
    usage,
  },
  response: {
    id: 'text',
    object: '=response',
    created_at: 'whole',
    status: '=completed',
    error: 'object|null',
    incomplete_details: 'object|null',
    instructions: 'text|null',
    metadata: 'object',
    model: 'text',
    output: [
      {
        id: 'text',
        type: '=message',
        role: '=assistant',
        status: '=completed',
        content: [{ type: '=output_text', text: 'text', annotations: ['text'] }],
      },
    ],
    parallel_tool_calls: 'flag',
    temperature: 'number|null',
    tool_choice: 'text',
    tools: ['object'],
    top_p: 'number|null',
    text: { format: { type: '=text' } },
    usage: {
      input_tokens: 'whole',
      input_tokens_details: { cached_tokens: 'whole' },
      output_tokens: 'whole',
      output_tokens_details: { reasoning_tokens: 'whole' },
      total_tokens: 'whole',
    },
  },
  embeddings: {
    object: '=list',
    model: 'text',
    data: [{ object: '=embedding', index: 'whole', embedding: ['number'] }],
    usage: { prompt_tokens: 'whole', total_tokens: 'whole' },
  },
  moderation: {
    id: 'text',
    model: 'text',
    results: [{ flagged: 'flag', categories: 'object', category_scores: 'object' }],
  },
  images: {
    created: 'whole',
    data: [{ b64_json: 'text' }],
    usage: {
      input_tokens: 'whole',
      output_tokens: 'whole',
      total_tokens: 'whole',
      input_tokens_details: 'object',
    },
  },
  error: { error: { message: 'text', type: 'text', param: 'text|null', code: 'text|null' } },
} as const satisfies Record<string, Shape>;

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  whole: Number.isInteger,
  number: (value) => typeof value === 'number',
  flag: (value) => typeof value === 'boolean',
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  null: (value) => value === null,
};

/** What is not as the shape says, by its place. */
function faultsOf(shape: Shape, value: unknown, place = '$'): string[] {
  if (typeof shape === 'string') {
    const isFine = shape.startsWith('=')
      ? value === shape.slice(1)
      : shape.split('|').some((type) => TYPES[type]?.(value) === true);
    return isFine ? [] : [`${place}: ${JSON.stringify(value)} is not ${shape}`];
  }
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return [`${place}: is no list`];
    return value.flatMap((item, index) => faultsOf(shape[0] as Shape, item, `${place}[${index}]`));
  }
  if (typeof value !== 'object' || value === null) return [`${place}: is no object`];
  const fields = value as Readonly<Record<string, unknown>>;
  return Object.entries(shape).flatMap(([told, inner]) => {
    const name = told.replace(/^\?/, '');
    if (!(name in fields)) return told.startsWith('?') ? [] : [`${place}.${name}: is missing`];
    return faultsOf(inner, fields[name], `${place}.${name}`);
  });
}

describe('answers have every field that OpenAI’s specification requires', () => {
  const model = 'cairn/echo';
  const messages = [{ role: 'user', content: 'weather({"city":"Rome"})' }];
  const tools = [{ type: 'function', function: { name: 'weather' } }];
  let town: Awaited<ReturnType<typeof anHttpTown>>;
  beforeAll(async () => {
    town = await anHttpTown(WHOLE_SURFACE);
  });
  afterAll(() => town[Symbol.asyncDispose]());

  it.each<[string, keyof typeof SHAPES, string, object | null]>([
    ['models', 'models', '/v1/models', null],
    ['a chat', 'chat', '/v1/chat/completions', { messages }],
    ['a chat that calls a tool', 'chat', '/v1/chat/completions', { messages, tools }],
    ['two choices', 'chat', '/v1/chat/completions', { messages, n: 2 }],
    ['a completion', 'completion', '/v1/completions', { prompt: 'x' }],
    ['a response', 'response', '/v1/responses', { input: 'x' }],
    ['embeddings', 'embeddings', '/v1/embeddings', { input: 'x' }],
    ['a moderation', 'moderation', '/v1/moderations', { input: 'x' }],
    ['images', 'images', '/v1/images/generations', { prompt: 'x' }],
    ['an error of what is asked', 'error', '/v1/chat/completions', {}],
    ['an error of what is not there', 'error', '/v1/nothing', null],
  ])('%s', async (_name, shape, path, body) => {
    const { text } = body === null ? await town.get(path) : await town.post(path, { model, ...body });
    expect(faultsOf(SHAPES[shape], JSON.parse(text))).toEqual([]);
  });

  it.each([{}, { tools }, { n: 2, stream_options: { include_usage: true } }])(
    'chunks of a stream: %j',
    async (fields) => {
      const { text } = await town.post('/v1/chat/completions', { model, messages, stream: true, ...fields });
      const { chunks, isDone } = readEvents(text);
      expect(isDone).toBe(true);
      expect(chunks.flatMap((chunk) => faultsOf(SHAPES.chunk, chunk))).toEqual([]);
    },
  );

  it('would be found out if they had not', () => {
    expect(faultsOf(SHAPES.error, { error: { message: 1, type: 'x', param: null } })).toEqual([
      '$.error.message: 1 is not text',
      '$.error.code: is missing',
    ]);
  });
});
