import type { AnswerShape, SealSuite } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { nameOf } from '../src/route/router.ts';
import { aStage, type Script } from './support/scripted.ts';

const words = Array.from({ length: 20 }, (_, index) => ` w${index}`);
const whole: Script = { words };
const text = words.join('');

describe('an answer that breaks after its first token', () => {
  it('is taken up behind the tokens that were shown, with the same seed and what is left of the bound', async () => {
    const stage = aStage([{ words, breaksAt: 7 }, whole], {
      terms: { capabilities: ['tokenIds', 'prefill', 'seed'] },
    });
    const got = await stage.ask({ temperature: 1, max_tokens: 15 });
    expect(got.text).toBe(words.slice(0, 15).join(''));
    const [first, second] = stage.asked.map(({ body }) => body);
    expect(first?.prefill).toBeUndefined();
    expect(second?.prefill).toEqual([100, 101, 102, 103, 104, 105, 106]);
    expect(second?.params).toEqual({ ...first?.params, maxTokens: 8 });
    expect(first?.params.seed).not.toBeNull();
    expect(got.end?.receipt).toMatchObject({
      completionTokens: 15,
      promptTokens: 27,
      finishReason: 'length',
    });
    expect(got.end?.parts).toMatchObject([
      { completionTokens: 7, receiptId: null, price: 7n },
      { completionTokens: 8, receiptId: 'peer2/2', price: 8n },
    ]);
    expect(stage.meter.usage('me')).toMatchObject({ spent: 15n, held: 0n });
  });

  it('shows no token twice and leaves none out when some have no text of their own', async () => {
    for (let breaksAt = 1; breaksAt < 20; breaksAt += 1) {
      const silent = [3, 4, 5, 11];
      const shown = words.map((word, index) => (silent.includes(index) ? '' : word));
      const script = { words: shown, silent };
      const stage = aStage([{ ...script, breaksAt }, script]);
      const got = await stage.ask();
      expect(got.text, `broke at ${breaksAt}`).toBe(shown.join(''));
      const [, second] = stage.asked;
      const isHeld = silent.includes(breaksAt - 1);
      expect(second?.body.prefill?.at(-1), `broke at ${breaksAt}`).toBe(
        isHeld ? ([3, 4, 5].includes(breaksAt - 1) ? 102 : 110) : 99 + breaksAt,
      );
    }
  });

  it('has all its tokens when only the receipt was lost behind the last one that was asked for', async () => {
    const stage = aStage([{ words, breaksAt: 12 }, whole]);
    const stops = { ...whole, words: words.slice(0, 12) };
    expect((await aStage([stops, whole]).ask({ max_tokens: 12 })).peers).toEqual(['peer1']);
    const lost = aStage([{ words, says: 'failed' }, whole]);
    const got = await lost.ask({ max_tokens: 12 });
    expect(got.end?.receipt).toMatchObject({ completionTokens: 12, finishReason: 'length' });
    expect(got.peers).toEqual(['peer1']);
    expect((await stage.ask({ max_tokens: 12 })).text).toBe(words.slice(0, 12).join(''));
  });

  it('is called sealed only when all who read the question were asked sealed, and as the weakest of them', async () => {
    const cases = [
      ['x-wing', 'x-wing', 'x-wing'],
      ['x-wing', 'x25519', 'x25519'],
      ['x25519', 'x-wing', 'x25519'],
      ['x-wing', undefined, undefined],
      [undefined, 'x-wing', undefined],
    ] as const;
    for (const [one, other, told] of cases) {
      const sealedBy = (sealed: SealSuite | undefined) => (sealed === undefined ? {} : { sealed });
      const stage = aStage([
        { words, breaksAt: 5, ...sealedBy(one) },
        { ...whole, ...sealedBy(other) },
      ]);
      const { end } = await stage.ask();
      expect(end?.parts).toHaveLength(2);
      expect(end?.sealed).toBe(told);
    }
  });

  it('is called sealed as the weakest of all who were sent the question, also of one that refused it', async () => {
    const cases = [
      [undefined, 'x-wing', undefined],
      ['x25519', 'x-wing', 'x25519'],
      ['x-wing', 'x-wing', 'x-wing'],
    ] as const;
    for (const [refused, answered, told] of cases) {
      const how = refused === undefined ? {} : { sealed: refused };
      const stage = aStage([
        { words, isBusy: true, ...how },
        { ...whole, sealed: answered },
      ]);
      const { end, peers } = await stage.ask();
      expect(peers).toEqual(['peer1', 'peer2']);
      expect(end?.sealed, `refused ${refused}`).toBe(told);
    }
  });

  it('is told as broken when going on is not wanted, not possible, or fails nine times', async () => {
    const broken = { words, breaksAt: 5 };
    const unwanted = aStage([broken, whole]);
    expect((await unwanted.ask({ cairn: { resume: false } })).error?.code).toBe('provider_failed');
    expect(unwanted.asked).toHaveLength(1);
    const held = aStage([broken, whole]);
    const shape: AnswerShape = {
      tools: [],
      choice: 'none',
      only: null,
      parallel: true,
      format: { type: 'text', schema: null },
    };
    expect((await held.ask({}, { shape })).error?.message).toMatch(/held to a form/);
    expect(held.asked).toHaveLength(1);
    const unable = aStage([broken, whole], { terms: { capabilities: ['tokenIds'] } });
    const got = await unable.ask();
    expect([got.error?.code, got.text]).toEqual(['provider_failed', words.slice(0, 5).join('')]);
    expect(unable.meter.usage('me').spent).toBe(5n);
    const drip = Array.from({ length: 12 }, (_, index) => ({ words, breaksAt: index + 1 }));
    const tired = aStage(drip);
    expect((await tired.ask()).error?.message).toMatch(/9th/);
    expect(tired.asked).toHaveLength(9);
  });

  it('comes back to one that failed before when nobody else is left', async () => {
    const stage = aStage([{ words, breaksAt: 4, breaks: 1 }]);
    const got = await stage.ask();
    expect([got.text, got.peers]).toEqual([text, ['peer1', 'peer1']]);
    const dead = aStage([{ words, breaksAt: 4 }]);
    expect((await dead.ask()).error?.code).toBe('provider_failed');
  });
});

describe('a provider that cheats in its answer', () => {
  it.each([
    ['ends it early and calls it the bound', { words: words.slice(0, 9), says: 'length' }],
    ['calls it cancelled', { words: words.slice(0, 9), says: 'cancelled' }],
    ['says that it failed', { words: words.slice(0, 9), says: 'failed' }],
    ['says that it was not paid', { words: words.slice(0, 9), says: 'unpaid' }],
  ] as const)('and %s does not cut it short', async (_what, script) => {
    const stage = aStage([script, whole]);
    const got = await stage.ask();
    expect([got.text, got.peers]).toEqual([text, ['peer1', 'peer2']]);
    expect(got.end?.receipt.finishReason).toBe('stop');
    expect(stage.meter.usage('me').spent).toBe(20n);
  });

  it('and told other tokens than its text is found out by two others', async () => {
    const reads = 'what the ids really say';
    const liar = { words, breaksAt: 6, tells: (id: number) => id + 1 };
    const stage = aStage([liar, { ...whole, reads }, { ...whole, reads }, whole]);
    const got = await stage.ask();
    expect(got.error?.code).toBe('provider_lied');
    expect(got.error?.message).toContain(nameOf(stage.offers[0]!));
    expect(stage.health.isOpenFor(nameOf(stage.offers[0]!))).toBe(false);
    expect(stage.health.isOpenFor(nameOf(stage.offers[1]!))).toBe(true);
    expect(got.text).toBe(words.slice(0, 6).join(''));
  });

  it('and says that it reads another text is found out by one that does not', async () => {
    const stage = aStage([{ words, breaksAt: 6 }, { ...whole, reads: 'a lie' }, whole]);
    const got = await stage.ask();
    expect([got.text, got.error]).toEqual([text, null]);
    expect(stage.health.isOpenFor(nameOf(stage.offers[1]!))).toBe(false);
    expect(stage.health.isOpenFor(nameOf(stage.offers[0]!))).toBe(true);
  });

  it('and drips its tokens is left for another one', async () => {
    let clock: { now: number } = { now: 0 };
    const slow: Script = {
      words,
      before: async (token) => {
        if (token > 0) clock.now += 15_000;
      },
    };
    const stage = aStage([slow, whole]);
    clock = stage.clock;
    const got = await stage.ask();
    expect(got.text).toBe(text);
    expect(got.peers).toEqual(['peer1', 'peer2']);
    expect(stage.asked[1]?.body.prefill?.length).toBeLessThan(4);
    expect(stage.cancelled).toEqual(['peer1']);
  });
});

describe('a hedged request', () => {
  function aTimer() {
    const actions = new Set<() => void>();
    return {
      schedule(_ms: number, action: () => void) {
        actions.add(action);
        return () => actions.delete(action);
      },
      fire: () => {
        for (const action of [...actions]) action();
      },
    };
  }

  it('asks a second provider when the first is late; the loser is cancelled and paid what it sent', async () => {
    const timer = aTimer();
    const isLate = Promise.withResolvers<void>();
    const late: Script = { words, before: (token) => (token === 0 ? isLate.promise : Promise.resolve()) };
    const stage = aStage([late, whole], { timer });
    const asking = stage.ask({ cairn: { hedge: true } });
    while (stage.asked.length === 0) await Promise.resolve();
    timer.fire();
    const got = await asking;
    expect([got.text, got.error]).toEqual([text, null]);
    expect(got.end?.provider).toBe(nameOf(stage.offers[1]!));
    expect(got.end?.attempts).toBe(2);
    expect(stage.asked[0]?.signal?.aborted).toBe(true);
    isLate.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    expect(stage.meter.usage('me')).toMatchObject({ spent: 20n, held: 0n, answers: 1 });
    expect(stage.health.of(nameOf(stage.offers[0]!))).toMatchObject({ inFlight: 0, success: 1 });
  });

  it('sends the question to nobody any more once it is answered', async () => {
    const timer = aTimer();
    const isReached = Promise.withResolvers<void>();
    const late: Script = { ...whole, beforeOpening: isReached.promise };
    const stage = aStage([late, { ...whole, sealed: 'x-wing' }], { timer });
    const asking = stage.ask({ cairn: { hedge: true } });
    while (stage.asked.length === 0) await Promise.resolve();
    timer.fire();
    expect((await asking).end?.sealed).toBe('x-wing');
    isReached.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    expect(stage.opened).toEqual(['peer2']);
  });

  it('is one request when the first is in time, and fails over as any other', async () => {
    const stage = aStage([whole, whole], { timer: aTimer() });
    expect((await stage.ask({ cairn: { hedge: true } })).peers).toEqual(['peer1']);
    const failing = aStage([{ words, breaksAt: 0 }, whole], { timer: aTimer() });
    const got = await failing.ask({ cairn: { hedge: true } });
    expect([got.text, got.peers]).toEqual([text, ['peer1', 'peer2']]);
  });
});

describe('before the first token', () => {
  it('at most three providers are asked, within two minutes', async () => {
    const dead = { words, breaksAt: 0 };
    const stage = aStage([dead, dead, dead, whole]);
    const got = await stage.ask();
    expect([got.error?.code, got.peers]).toEqual(['no_provider_available', ['peer1', 'peer2', 'peer3']]);
    expect(stage.meter.usage('me')).toMatchObject({ spent: 0n, held: 0n });
    let clock: { now: number } = { now: 0 };
    const slow = {
      ...dead,
      before: async () => {
        clock.now += 130_000;
      },
    };
    const late = aStage([slow, whole]);
    clock = late.clock;
    expect((await late.ask()).peers).toEqual(['peer1']);
  });
});
