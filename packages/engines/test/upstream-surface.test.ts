import type { AnswerShape, Task } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { createUpstreamEngine } from '../src/index.ts';
import { aRequest, codeOf, gather } from './compliance.ts';
import { aClock, aLogger } from './parts.ts';
import { type StandInOptions, startStandIn } from './stand-in-upstream.ts';

const ALL = ['embed', 'rank', 'moderate', 'image', 'speech', 'transcribe', 'translate'] as const;
const weather: AnswerShape = {
  tools: [{ name: 'weather', description: 'The weather.', parameters: '{"type":"object"}' }],
  choice: 'required',
  only: 'weather',
  parallel: false,
  format: { type: 'text', schema: null },
};
const hello = {
  kind: 'chat' as const,
  messages: [
    { role: 'user' as const, content: 'hi' },
    { role: 'assistant' as const, content: '', toolCalls: [{ id: 'c', name: 'weather', arguments: '{}' }] },
    { role: 'tool' as const, content: 'sunny', toolCallId: 'c' },
  ],
};

async function load(options: StandInOptions, tasks?: typeof ALL) {
  const server = await startStandIn(options);
  const parts = { clock: aClock(), log: aLogger() };
  const engine = createUpstreamEngine(parts, {
    baseUrl: server.baseUrl,
    ...(tasks === undefined ? {} : { tasks }),
  });
  const model = await engine.load({ location: 'echo', format: 'upstream' }, { threads: 1 });
  return { server, model };
}

describe('an upstream', () => {
  it('is asked for calls of tools, and its pieces become one call', async () => {
    const { server, model } = await load({ calls: ['{"city"', ':"Rome"}'] });
    await using _ = server;
    expect(model.capabilities).toMatchObject({ tools: true, json: true, tasks: [] });
    const answer = await gather(model.generate({ ...aRequest(hello), shape: weather }));
    expect(answer.text).toBe('\u001eweather\u001f{"city":"Rome"}');
    expect(answer.end.finishReason).toBe('stop');
    expect(server.bodies.at(-1)).toMatchObject({
      tool_choice: { type: 'function', function: { name: 'weather' } },
      parallel_tool_calls: false,
      messages: [{}, { tool_calls: [{ id: 'c', type: 'function' }] }, { role: 'tool', tool_call_id: 'c' }],
    });
  });

  it('is asked for a form, and what it says cannot pretend to be a call', async () => {
    const { server, model } = await load({});
    await using _ = server;
    const format = { type: 'schema' as const, schema: '{"type":"object"}' };
    const shape: AnswerShape = { ...weather, tools: [], choice: 'auto', only: null, format };
    const prompt = {
      kind: 'chat' as const,
      messages: [{ role: 'user' as const, content: 'a \u001eb\u001f c' }],
    };
    const answer = await gather(model.generate({ ...aRequest(prompt), shape }));
    expect(answer.text).toBe('a b c');
    expect(server.bodies.at(-1)).toMatchObject({
      response_format: { type: 'json_schema', json_schema: { strict: true, schema: { type: 'object' } } },
    });
  });

  it('that only does tasks is found out, and brings items in the order asked for', async () => {
    const { server, model } = await load({ tasks: true, mute: true });
    await using _ = server;
    expect(model.capabilities).toMatchObject({ tasks: ['embed', 'rank', 'moderate'], tools: null });
    const items = await model.run?.({ kind: 'embed', texts: ['a', 'bcd'], dimensions: null }, {});
    const floats = items?.map((item) => Buffer.from(item, 'base64').readFloatLE(0));
    expect(floats).toEqual([1, 3]);
    expect(await codeOf(() => gather(model.generate(aRequest(hello))))).toBe('CAPABILITY_MISSING');
    expect(
      await codeOf(async () => model.run?.({ kind: 'image', text: 'x', count: 1, size: null }, {})),
    ).toBe('CAPABILITY_MISSING');
  });

  const sound = { audio: new Uint8Array(9), format: 'mp3', language: null, hint: null };
  it.each<[Task, readonly string[]]>([
    [{ kind: 'rank', query: 'q', documents: ['a', 'bb'] }, ['1', '2']],
    [{ kind: 'moderate', texts: ['harm', 'x'] }, ['{"flagged":true}', '{"flagged":false}']],
    [{ kind: 'image', text: 'x', count: 2, size: '1x1' }, ['AAAA', 'AAAA']],
    [
      { kind: 'speech', text: 'x', voice: 'v', format: 'wav', speed: 1 },
      [Buffer.from('sound').toString('base64')],
    ],
    [{ kind: 'transcribe', ...sound }, ['{"text":"what was said","language":"en","duration":1}']],
    [{ kind: 'translate', ...sound }, ['{"text":"what was said","language":"en","duration":1}']],
  ])('does $kind', async (task, items) => {
    const { server, model } = await load({ tasks: true }, ALL);
    await using _ = server;
    expect(await model.run?.(task, {})).toEqual(items);
  });
});
