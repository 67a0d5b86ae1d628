import { type DeltaFrame, gatherDeltas } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';

const delta = (text: string, tokens = 1, knowsIds = true): DeltaFrame => ({
  type: 'delta',
  text,
  tokens,
  tokenIds: knowsIds ? Array.from({ length: tokens }, (_, index) => index) : null,
  logprobs: null,
});

const soon = () => new Promise((resolve) => setImmediate(resolve));

/** What came of a source that is pushed by hand, with windows that end by hand. */
function aGathering(options: { mostTokens?: number; windowMs?: number } = {}) {
  const waiting: (() => void)[] = [];
  let endWindow: (() => void) | null = null;
  const pushed: (DeltaFrame | Error | null)[] = [];
  let isClosed = false;
  async function* source(): AsyncGenerator<DeltaFrame, void> {
    try {
      for (;;) {
        while (pushed.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
        const next = pushed.shift()!;
        if (next === null) return;
        if (next instanceof Error) throw next;
        yield next;
      }
    } finally {
      isClosed = true;
    }
  }
  const timer = {
    schedule(_delayMs: number, action: () => Promise<void> | void) {
      const mine = () => void action();
      endWindow = mine;
      return () => {
        if (endWindow === mine) endWindow = null;
      };
    },
  };
  const gathered = gatherDeltas(source(), { timer, windowMs: 5, mostTokens: 8, ...options });
  const came: string[] = [];
  const ended = (async () => {
    for await (const { text, tokens, tokenIds } of gathered)
      came.push(`${text}:${tokens}${tokenIds === null ? '' : `:${tokenIds.length}`}`);
  })();
  ended.catch(() => undefined);
  return {
    came,
    ended,
    gathered,
    get isClosed() {
      return isClosed;
    },
    get hasWindow() {
      return endWindow !== null;
    },
    async push(...deltas: (DeltaFrame | Error | null)[]) {
      for (const each of deltas) {
        pushed.push(each);
        waiting.shift()?.();
        await soon();
      }
    },
    async endWindow() {
      endWindow?.();
      await soon();
    },
  };
}

describe('deltas', () => {
  it('that come one in a window are passed on at once', async () => {
    const { came, push, endWindow } = aGathering();
    await push(delta('a'));
    expect(came).toEqual(['a:1:1']);
    await endWindow();
    await push(delta('b'));
    expect(came).toEqual(['a:1:1', 'b:1:1']);
  });

  it('that follow within a window travel as one at its end', async () => {
    const { came, push, endWindow } = aGathering();
    await push(delta('a'), delta('b'), delta('c'));
    expect(came).toEqual(['a:1:1']);
    await endWindow();
    expect(came).toEqual(['a:1:1', 'bc:2:2']);
    await push(delta('d'));
    expect(came).toHaveLength(2);
    await endWindow();
    expect(came).toEqual(['a:1:1', 'bc:2:2', 'd:1:1']);
  });

  it('are never more than their bound together, and one that is larger travels alone', async () => {
    const { came, push, endWindow } = aGathering({ mostTokens: 2 });
    await push(delta('a'), delta('b'), delta('c'), delta('d'));
    expect(came).toEqual(['a:1:1', 'bc:2:2']);
    await push(delta('e', 7));
    await endWindow();
    expect(came).toEqual(['a:1:1', 'bc:2:2', 'd:1:1', 'e:7:7']);
    await push(delta('long'.repeat(3_000)), delta('too'.repeat(3_000)));
    await endWindow();
    expect(came.slice(4).map((piece) => piece.length)).toEqual([12_004, 9_004]);
  });

  it('with ids and without are not joined', async () => {
    const { came, push, endWindow } = aGathering();
    await push(delta('a'), delta('b', 1, false), delta('c', 1, false), delta('d'));
    await endWindow();
    expect(came).toEqual(['a:1:1', 'bc:2', 'd:1:1']);
  });

  it('wait for no end of a window when there are no more', async () => {
    const gathering = aGathering();
    await gathering.push(delta('a'), delta('b'), null);
    await gathering.ended;
    expect(gathering.came).toEqual(['a:1:1', 'b:1:1']);
    expect(gathering.hasWindow).toBe(false);
  });

  it('that came before a failure are passed on before it', async () => {
    const gathering = aGathering();
    await gathering.push(delta('a'), delta('b'), new Error('the engine died'));
    await expect(gathering.ended).rejects.toThrow('the engine died');
    expect(gathering.came).toEqual(['a:1:1', 'b:1:1']);
    expect(gathering.hasWindow).toBe(false);
  });

  it('that fail while what came before is still being sent fail when that is done', async () => {
    const source = (async function* () {
      yield delta('a');
      throw new Error('the engine died');
    })();
    const timer = { schedule: () => () => undefined };
    const came: string[] = [];
    const reading = (async () => {
      for await (const { text } of gatherDeltas(source, { timer, windowMs: 5, mostTokens: 8 })) {
        came.push(text);
        // Nobody waits for the engine meanwhile: its failure must not become the process's.
        await soon();
        await soon();
      }
    })();
    await expect(reading).rejects.toThrow('the engine died');
    expect(came).toEqual(['a']);
  });

  it('of a reader that stops close their source, whose failure then is nobody’s', async () => {
    const source = (async function* () {
      yield delta('a');
      throw new Error('aborted');
    })();
    const timer = { schedule: () => () => undefined };
    for await (const _ of gatherDeltas(source, { timer, windowMs: 5, mostTokens: 8 })) break;
    expect(await source.next()).toEqual({ done: true, value: undefined });
  });

  it('are not gathered in a window of nothing', async () => {
    const { came, push, hasWindow } = aGathering({ windowMs: 0 });
    await push(delta('a'), delta('b'));
    expect(came).toEqual(['a:1:1', 'b:1:1']);
    expect(hasWindow).toBe(false);
  });
});
