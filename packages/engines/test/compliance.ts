import type { GenerateEvent, GenerateRequest, LoadedModel, Prompt } from '@cairn/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineError } from '../src/index.ts';

/** An answer gathered from its events. */
export interface Answer {
  readonly text: string;
  readonly tokenIds: readonly number[] | null;
  readonly deltas: readonly Extract<GenerateEvent, { type: 'delta' }>[];
  readonly end: Extract<GenerateEvent, { type: 'end' }>;
}

export function aRequest(prompt: Prompt, fields: Partial<GenerateRequest> = {}): GenerateRequest {
  return { prompt, maxTokens: 40, temperature: 0, topP: 1, stop: [], topLogprobs: 0, ...fields };
}

export function aChat(content: string): Prompt {
  return { kind: 'chat', messages: [{ role: 'user', content }] };
}

export async function gather(events: AsyncIterable<GenerateEvent>): Promise<Answer> {
  const deltas: Extract<GenerateEvent, { type: 'delta' }>[] = [];
  const ends: Extract<GenerateEvent, { type: 'end' }>[] = [];
  for await (const event of events) {
    if (event.type === 'delta') deltas.push(event);
    else ends.push(event);
  }
  expect(ends, 'exactly one end').toHaveLength(1);
  const knowsTokens = deltas.every((delta) => delta.tokenIds !== null);
  return {
    text: deltas.map((delta) => delta.text).join(''),
    tokenIds: knowsTokens ? deltas.flatMap((delta) => delta.tokenIds ?? []) : null,
    deltas,
    end: ends[0]!,
  };
}

export async function codeOf(action: () => Promise<unknown>): Promise<string> {
  try {
    await action();
  } catch (error) {
    if (error instanceof EngineError) return error.code;
    throw error;
  }
  return 'nothing was thrown';
}

export interface ComplianceCase {
  readonly name: string;
  /** Loads a fresh model that answers one request at a time. */
  readonly load: () => Promise<LoadedModel>;
  /** A question with an answer of at least four tokens, and the greedy answer to it. */
  readonly question: Prompt;
  readonly answer: string;
  /** A second question with a different answer. */
  readonly otherQuestion: Prompt;
  readonly otherAnswer: string;
  /** A part of `answer` that neither begins nor ends it. */
  readonly stop: string;
}

/** What every engine promises through the port; run by each of them. */
export function describeEngine(subject: ComplianceCase): void {
  describe(`engine compliance: ${subject.name}`, () => {
    let model: LoadedModel;
    beforeAll(async () => {
      model = await subject.load();
    });
    afterAll(async () => {
      await model[Symbol.asyncDispose]();
    });
    const ask = (prompt: Prompt, fields: Partial<GenerateRequest> = {}) =>
      gather(model.generate(aRequest(prompt, fields)));

    it('answers, ends once and counts what it emitted', async () => {
      const got = await ask(subject.question);
      expect(got.text).toBe(subject.answer);
      expect(got.end.finishReason).toBe('stop');
      expect(got.end.promptTokens).toBeGreaterThan(0);
      expect(got.end.completionTokens).toBeGreaterThan(3);
      if (model.capabilities.tokenIds === true) expect(got.tokenIds).toHaveLength(got.end.completionTokens);
      else expect(got.tokenIds).toBeNull();
    });

    it('gives the same greedy answer again', async () => {
      const [first, second] = [await ask(subject.question), await ask(subject.question)];
      expect(second.text).toBe(first.text);
      expect(second.tokenIds).toEqual(first.tokenIds);
    });

    it('keeps nothing of one request for the next', async () => {
      await ask(subject.otherQuestion);
      const got = await ask(subject.question);
      expect(got.text).toBe(subject.answer);
      expect(got.end.cachedTokens).toBe(0);
    });

    it('answers queued requests in order, each with its own answer', async () => {
      const order: string[] = [];
      const one = ask(subject.question).then((got) => {
        order.push('one');
        return got;
      });
      const two = ask(subject.otherQuestion).then((got) => {
        order.push('two');
        return got;
      });
      expect((await one).text).toBe(subject.answer);
      expect((await two).text).toBe(subject.otherAnswer);
      expect(order).toEqual(['one', 'two']);
    });

    it('stops at the bound and says so', async () => {
      const got = await ask(subject.question, { maxTokens: 2 });
      expect(got.end.finishReason).toBe('length');
      expect(got.end.completionTokens).toBe(2);
      expect(subject.answer.startsWith(got.text)).toBe(true);
      expect(got.text.length).toBeLessThan(subject.answer.length);
    });

    it('never emits a stop text', async () => {
      const got = await ask(subject.question, { stop: ['never there', subject.stop] });
      expect(got.text).toBe(subject.answer.slice(0, subject.answer.indexOf(subject.stop)));
      expect(got.end.finishReason).toBe('stop');
    });

    it('ends as cancelled when it is cancelled before it starts', async () => {
      const got = await ask(subject.question, { signal: AbortSignal.abort() });
      expect(got.end.finishReason).toBe('cancelled');
      expect(got.text).toBe('');
    });

    it('ends as cancelled in the middle, and serves the next', async () => {
      const controller = new AbortController();
      const events: GenerateEvent[] = [];
      for await (const event of model.generate(aRequest(subject.question, { signal: controller.signal }))) {
        events.push(event);
        controller.abort();
      }
      expect(events.at(-1)).toMatchObject({ type: 'end', finishReason: 'cancelled' });
      expect(events.length).toBeLessThan(5);
      expect((await ask(subject.question)).text).toBe(subject.answer);
    });

    it('is free again when a reader walks away', async () => {
      for await (const event of model.generate(aRequest(subject.question))) {
        expect(event.type).toBe('delta');
        break;
      }
      expect((await ask(subject.otherQuestion)).text).toBe(subject.otherAnswer);
    });

    it.each([
      ['maxTokens', { maxTokens: 0 }],
      ['temperature', { temperature: -1 }],
      ['topP', { topP: 0 }],
      ['seed', { seed: 2 ** 32 }],
    ])('refuses a request with a malformed %s', async (_field, fields) => {
      expect(await codeOf(() => ask(subject.question, fields))).toBe('REQUEST_MALFORMED');
    });

    it('declares what it can do, and refuses the rest', async () => {
      const { capabilities } = model;
      expect(capabilities.contextTokens).toBeGreaterThan(0);
      const ids = await model.tokenize(subject.question);
      if (capabilities.tokenIds === true) expect(ids?.length).toBeGreaterThan(0);
      else expect(ids).toBeNull();
      if (capabilities.embed === null) {
        expect(await codeOf(() => model.embed(['a text']))).toBe('CAPABILITY_MISSING');
      }
      if (capabilities.logprobs === null || capabilities.prefill === null) {
        expect(await codeOf(() => model.logprobs([1, 2]))).toBe('CAPABILITY_MISSING');
      }
      if (capabilities.prefill === null) {
        expect(await codeOf(() => ask({ kind: 'tokens', tokenIds: [1] }))).toBe('CAPABILITY_MISSING');
      }
    });

    it('goes on behind given tokens as if there had been no break', async () => {
      if (model.capabilities.prefill === null) {
        expect(await codeOf(() => ask(subject.question, { prefill: [1] }))).toBe('CAPABILITY_MISSING');
        return;
      }
      for (const stop of [[], [subject.stop]]) {
        const whole = await ask(subject.question, { stop });
        for (let at = 1; at <= whole.deltas.length; at += 1) {
          const before = whole.deltas.slice(0, at);
          const prefill = before.flatMap((delta) => delta.tokenIds!);
          const shown = before.map((delta) => delta.text).join('');
          expect(await model.detokenize(prefill), `cut ${at}`).toSatisfy((text: string) =>
            stop.length === 0 ? text === shown : text.startsWith(shown),
          );
          const rest = await ask(subject.question, { stop, prefill });
          expect(shown + rest.text, `cut ${at}`).toBe(whole.text);
          expect([...prefill, ...rest.tokenIds!], `cut ${at}`).toEqual(whole.tokenIds);
          expect(rest.end.promptTokens, `cut ${at}`).toBe(whole.end.promptTokens + prefill.length);
          expect(rest.end.completionTokens, `cut ${at}`).toBe(rest.tokenIds!.length);
        }
      }
    });

    it('passes its own self-test', async () => {
      expect(await model.selfTest()).toMatchObject({ ok: true });
    });

    it('refuses work once it is closed', async () => {
      const closed = await subject.load();
      await closed[Symbol.asyncDispose]();
      await closed[Symbol.asyncDispose]();
      const code = await codeOf(() => gather(closed.generate(aRequest(subject.question))));
      expect(code).toBe('MODEL_CLOSED');
    });
  });
}
