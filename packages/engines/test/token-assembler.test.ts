import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTokenAssembler, textOfTokens } from '../src/token-assembler.ts';

const encoder = new TextEncoder();
/** One token per byte: what an incomplete character looks like in the worst case. */
const detokenizeBytes = (tokens: readonly number[]) => new TextDecoder().decode(Uint8Array.from(tokens));

function run(bytes: readonly number[], stops: readonly string[]) {
  const assembler = createTokenAssembler(detokenizeBytes, stops);
  const texts: string[] = [];
  const ids: number[] = [];
  let stopped = false;
  for (const byte of bytes) {
    const step = assembler.push(byte, null);
    if (step.delta !== null) {
      texts.push(step.delta.text);
      ids.push(...step.delta.tokenIds);
    }
    stopped = step.stopped;
    if (stopped) break;
  }
  const rest = assembler.flush();
  if (rest.delta !== null) {
    texts.push(rest.delta.text);
    ids.push(...rest.delta.tokenIds);
  }
  return { texts, text: texts.join(''), ids, stopped: stopped || rest.stopped, shown: assembler.shownTokens };
}

describe('token assembler', () => {
  it('keeps characters whole and loses no token', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const bytes = [...encoder.encode(text)];
        const got = run(bytes, []);
        expect(got.text).toBe(text);
        expect(got.ids).toEqual(bytes);
        expect(got.shown).toBe(bytes.length);
        for (const piece of got.texts) expect(piece.isWellFormed(), JSON.stringify(piece)).toBe(true);
      }),
    );
  });

  it('shows exactly what lies before the stop text that is complete first', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '😀'), maxLength: 24 });
    const stops = fc.array(
      fc.string({ unit: fc.constantFrom('a', 'b', 'é', '😀'), minLength: 1, maxLength: 4 }),
      {
        maxLength: 3,
      },
    );
    fc.assert(
      fc.property(letters, stops, (text, wanted) => {
        const got = run([...encoder.encode(text)], wanted);
        const cuts = wanted
          .map((stop) => ({ start: text.indexOf(stop), end: text.indexOf(stop) + stop.length }))
          .filter(({ start }) => start >= 0)
          .toSorted((one, two) => one.end - two.end || one.start - two.start);
        const expected = text.slice(0, cuts[0]?.start);
        expect(got.text).toBe(expected);
        expect(got.stopped).toBe(cuts.length > 0);
        expect(got.ids).toEqual([...encoder.encode(expected)]);
      }),
    );
  });

  it('shows the text of the tokens it told, and goes on behind them wherever it was cut', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '😀'), maxLength: 16 });
    const stops = fc.array(
      fc.string({ unit: fc.constantFrom('a', 'b', 'é', '😀'), minLength: 1, maxLength: 4 }),
      { maxLength: 3 },
    );
    // Tokens of several characters, some of which a stop text cuts.
    const pieces = fc.array(fc.tuple(letters, fc.constant(0)), { maxLength: 10 });
    fc.assert(
      fc.property(pieces, stops, (words, wanted) => {
        const texts = words.map(([text]) => text);
        const read = (ids: readonly number[]) => ids.map((id) => texts[id]).join('');
        const answer = (prefill: readonly number[]) => {
          const assembler = createTokenAssembler(read, wanted, prefill);
          const deltas: { text: string; ids: readonly number[] }[] = [];
          let stopped = false;
          for (let id = prefill.length; id < texts.length && !stopped; id += 1) {
            const step = assembler.push(id, null);
            stopped = step.stopped;
            if (step.delta !== null) deltas.push({ text: step.delta.text, ids: step.delta.tokenIds });
          }
          const { delta } = assembler.flush();
          if (delta !== null) deltas.push({ text: delta.text, ids: delta.tokenIds });
          return { deltas, text: deltas.map(({ text }) => text).join('') };
        };
        const whole = answer([]);
        let shown = '';
        const told: number[] = [];
        for (const [index, { text, ids }] of whole.deltas.entries()) {
          shown += text;
          told.push(...ids);
          if (index < whole.deltas.length - 1) expect(shown).toBe(read(told));
          expect(textOfTokens(read, told).startsWith(shown)).toBe(true);
          expect(shown + answer(told).text, `cut behind ${told}`).toBe(whole.text);
        }
      }),
    );
  });

  it('gives bytes that are no character as the replacement character instead of waiting for ever', () => {
    const got = run([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x61], []);
    expect(got.text).toBe(`${'\uFFFD'.repeat(6)}a`);
    expect(got.ids).toHaveLength(7);
  });
});
