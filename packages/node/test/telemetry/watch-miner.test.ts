import { createManualTime } from '@cairn/chain';
import { createEchoEngine } from '@cairn/engines';
import type { GenerateEvent, LoadedModel } from '@cairn/protocol';
import { expect, it } from 'vitest';
import { createMetrics } from '../../src/real/metrics.ts';
import { watchModel } from '../../src/telemetry/watch-miner.ts';

/** Methods that need their object and are none of its own properties, as those of llama.cpp's model. */
class ModelOfAClass {
  readonly #text = 'of a class';
  readonly capabilities = {
    tokenIds: true,
    logprobs: null,
    seed: null,
    prefill: null,
    embed: null,
    contextTokens: 8,
  };

  async *generate(): AsyncGenerator<GenerateEvent> {
    yield { type: 'delta', text: this.#text, tokenIds: [1], logprobs: null };
  }
  async detokenize(): Promise<string> {
    return this.#text;
  }
  async selfTest() {
    return { ok: false, expected: this.#text, got: '' } as const;
  }
  async review() {
    return this.#text;
  }
  async run() {
    return [this.#text];
  }
}

const watched = (inner: unknown) =>
  watchModel({ clock: createManualTime(0).clock, metrics: createMetrics() }, 'miner', inner as LoadedModel);

it('keeps every method of a model, whether its own or of its class', async () => {
  const model = watched(new ModelOfAClass());
  expect(await model.detokenize([])).toBe('of a class');
  expect(await model.selfTest()).toMatchObject({ expected: 'of a class' });
  expect(await model.run?.({} as never, {})).toEqual(['of a class']);
  expect(await model.review?.({} as never)).toBe('of a class');
  const events: GenerateEvent[] = [];
  for await (const event of model.generate({} as never)) events.push(event);
  expect(events).toMatchObject([{ text: 'of a class' }]);
});

it('has none that the model has not', async () => {
  const time = createManualTime(0);
  const engine = createEchoEngine({ clock: time.clock, timer: time.timer } as never);
  await using inner = await engine.load({ location: 'echo', format: 'gguf' }, { threads: 1 });
  const model = watched(inner);
  for (const method of ['run', 'review', 'hiddenStates'] as const)
    expect(method in model, method).toBe(inner[method] !== undefined);
});
