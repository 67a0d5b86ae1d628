import type { LoadedModel, Timer } from '@cairn/protocol';
import { benchSeal } from '@cairn/proving';
import { expect, it } from 'vitest';

/** Says one word many times, after some work. */
function aModel(): LoadedModel {
  return {
    async *generate() {
      for (let token = 0; token < 20; token++)
        yield { type: 'delta', text: ' word', tokenIds: [token], logprobs: null };
      yield {
        type: 'end',
        finishReason: 'stop',
        promptTokens: 1,
        cachedTokens: 0,
        completionTokens: 20,
        seed: null,
      };
    },
  } as Partial<LoadedModel> as LoadedModel;
}

it('states what sealing adds to a request and to a stream, with its spread', async () => {
  let next = 0;
  const random = {
    bytes: (length: number) => Uint8Array.from({ length }, () => (next = (next * 5 + 1) % 251)),
  };
  const timer: Timer = { schedule: () => () => undefined };
  const figures = await benchSeal(
    { random, timer, model: aModel() },
    { question: '?', answers: 2, pairs: 3, requests: 4 },
  );
  expect(figures.map(({ unit, target }) => [unit, target])).toEqual([
    ['CPU ms', 1],
    ['CPU ms', 1],
    ['% CPU', 5],
    ['CPU µs', undefined],
  ]);
  for (const { name, value, spread, runs } of figures) {
    expect(Number.isFinite(value), name).toBe(true);
    expect(spread[0], name).toBeLessThanOrEqual(spread[1]);
    expect(runs, name).toBe(3);
  }
});
