import { describe, expect, it } from 'vitest';
import { createEchoEngine, type EchoEngineOptions } from '../src/index.ts';
import { aChat, aRequest, codeOf, describeEngine, gather } from './compliance.ts';
import { aClock } from './parts.ts';

const load = (options: EchoEngineOptions = {}) =>
  createEchoEngine({ clock: aClock() }, options).load(
    { location: 'echo', format: 'upstream' },
    { threads: 1 },
  );

for (const tokenIds of [true, false]) {
  describeEngine({
    name: tokenIds ? 'echo' : 'echo without token ids',
    load: () => load({ tokenIds }),
    question: aChat('one two three four five'),
    answer: 'one two three four five',
    otherQuestion: aChat('six seven eight nine'),
    otherAnswer: 'six seven eight nine',
    stop: 'o thr',
  });
}

describe('echo engine', () => {
  it.each([
    ['fail', 'GENERATION_FAILED'],
    ['cut', 'STREAM_CUT'],
  ] as const)('can be planned to %s before a token of one request', async (kind, code) => {
    const model = await load({ faults: [{ kind, atToken: 2, request: 1 }] });
    const texts: string[] = [];
    const ask = async () => {
      for await (const event of model.generate(aRequest(aChat('one two three')))) {
        if (event.type === 'delta') texts.push(event.text);
      }
    };
    expect(await codeOf(ask)).toBe('nothing was thrown');
    expect(await codeOf(ask)).toBe(code);
    expect(texts).toEqual(['one', ' two', ' three', 'one', ' two']);
  });

  it('can be held before a token', async () => {
    const held = Promise.withResolvers<void>();
    const model = await load({ beforeToken: (token) => (token === 1 ? held.promise : Promise.resolve()) });
    const answer = model.generate(aRequest(aChat('one two')))[Symbol.asyncIterator]();
    expect((await answer.next()).value).toMatchObject({ text: 'one' });
    const next = answer.next();
    held.resolve();
    expect((await next).value).toMatchObject({ text: ' two' });
    await answer.return?.();
  });

  it('repeats the last user message only', async () => {
    const model = await load();
    const messages = [
      { role: 'user' as const, content: 'first' },
      { role: 'assistant' as const, content: 'answer' },
      { role: 'user' as const, content: 'second one' },
    ];
    const got = await gather(model.generate(aRequest({ kind: 'chat', messages })));
    expect(got.text).toBe('second one');
    expect(got.end.promptTokens).toBe(4);
  });
});
