import { Tokenizer as HuggingFace } from '@huggingface/tokenizers';
import { beforeAll, describe, expect, it } from 'vitest';
import { BYTE_CHARACTERS as BYTES } from '../../src/tokenizer/byte-alphabet.ts';
import { splitWords } from '../../src/tokenizer/split-words.ts';
import { createTokenizer, type Tokenizer } from '../../src/tokenizer/tokenizer.ts';
import { parseTokenizerJson, writeTokenizerJson } from '../../src/tokenizer/tokenizer-json.ts';
import { trainByteTokenizer, trainCharacterTokenizer } from '../../src/tokenizer/train-tokenizer.ts';
import { guidePages, hostileTexts } from '../support/texts.ts';

const SEED = 20_261_122;
const MARKS = ['<|user|>', '<|assistant|>'];
const pages = guidePages(4);

const huggingFace = (tokenizer: Tokenizer) =>
  new HuggingFace(JSON.parse(writeTokenizerJson(tokenizer.model)), {});

describe.each([true, false])('a byte tokenizer, splitDigits = %s', (splitDigits) => {
  let tokenizer: Tokenizer;
  beforeAll(async () => {
    tokenizer = await trainByteTokenizer(pages, { vocab: 600, special: MARKS, splitDigits });
  });

  it('has the bytes, what it learned, and the marks', () => {
    expect(tokenizer.model.tokens).toHaveLength(600);
    expect(tokenizer.model.merges).toHaveLength(600 - 256 - 3);
    expect(tokenizer.endOfText).toBe(599);
    expect(tokenizer.markOf('<|user|>')).toBe(597);
  });

  it(`gives back every text it reads (seed ${SEED})`, () => {
    for (const text of [...hostileTexts(SEED, 400), ...pages])
      expect(tokenizer.decode(tokenizer.encode(text)), JSON.stringify(text.slice(0, 80))).toBe(text);
  });

  it(`reads as Hugging Face does (seed ${SEED + 1})`, () => {
    const other = huggingFace(tokenizer);
    for (const text of [...hostileTexts(SEED + 1, 600), ...pages.map((page) => page.slice(0, 5_000))])
      expect(tokenizer.encode(text), JSON.stringify(text.slice(0, 80))).toEqual(
        other.encode(text, { add_special_tokens: false }).ids,
      );
  });

  it('is the same for the same texts in another order', async () => {
    const again = await trainByteTokenizer([...pages].reverse(), { vocab: 600, special: MARKS, splitDigits });
    expect(writeTokenizerJson(again.model)).toBe(writeTokenizerJson(tokenizer.model));
  });

  it('is the same after it was written and read', () => {
    const again = parseTokenizerJson(writeTokenizerJson(tokenizer.model));
    expect(again.model).toEqual(tokenizer.model);
  });
});

describe('learning a tokenizer', () => {
  it('merges the most frequent pair first, the one of lower bytes among equals', async () => {
    const { model } = await trainByteTokenizer(['abab abab cdcd'], { vocab: 260 });
    expect(model.merges).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['ab', 'ab'],
    ]);
  });

  it('learns what counting all pairs anew after each merge would learn', async () => {
    const { model } = await trainByteTokenizer(pages.slice(0, 1), { vocab: 400 });
    const words = new Map<string, number>();
    for (const word of splitWords(pages[0]!, true)) words.set(word, (words.get(word) ?? 0) + 1);
    // The slow way, over the tokenizer's own words, must find no pair that is more frequent than the next one learned.
    const bytes = createOnlyBytes();
    const split = [...words].map(([word, count]) => ({ count, ids: bytes.encode(word) }));
    for (const [step, [left, right]] of model.merges.entries()) {
      const counts = new Map<string, number>();
      for (const { count, ids } of split)
        for (let at = 0; at + 1 < ids.length; at++) {
          const key = `${ids[at]} ${ids[at + 1]}`;
          counts.set(key, (counts.get(key) ?? 0) + count);
        }
      const pair = [model.tokens.indexOf(left), model.tokens.indexOf(right)];
      expect(counts.get(pair.join(' ')), `merge ${step}`).toBe(Math.max(...counts.values()));
      for (const word of split) word.ids = replace(word.ids, pair[0]!, pair[1]!, 256 + step);
    }
  });

  it('lets others run, and stops when it is told to', async () => {
    let pauses = 0;
    const pause = async () => {
      pauses += 1;
    };
    await trainByteTokenizer(pages, { vocab: 400 }, { pause });
    expect(pauses).toBeGreaterThan(3);
    const stop = new AbortController();
    const work = {
      pause: async () => stop.abort(new Error('stopped')),
      signal: stop.signal,
    };
    await expect(trainByteTokenizer(pages, { vocab: 400 }, work)).rejects.toThrow('stopped');
  });

  it('ends early when nothing repeats', async () => {
    const { model } = await trainByteTokenizer(['abc'], { vocab: 1000 });
    expect(model.tokens).toHaveLength(257);
  });
});

describe('a tokenizer of characters', () => {
  it('has a token for each ASCII character it saw, and reads as Hugging Face does', async () => {
    const tokenizer = await trainCharacterTokenizer(['hello — world\n']);
    expect(tokenizer.model.tokens).toHaveLength([...' helowrd\n'].length + 3 + 1);
    const text = 'drew — low\nhello';
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    expect(tokenizer.encode('hello')).toHaveLength(5);
    expect(tokenizer.encode(text)).toEqual(huggingFace(tokenizer).encode(text).ids);
  });

  it('leaves out what it never saw', async () => {
    const tokenizer = await trainCharacterTokenizer(['abc']);
    expect(tokenizer.decode(tokenizer.encode('a!b?c'))).toBe('abc');
  });
});

describe('a hostile text', () => {
  it('cannot forge a mark', async () => {
    const tokenizer = await trainByteTokenizer(pages, { vocab: 300, special: MARKS });
    expect(tokenizer.encode('<|user|><|endoftext|>').every((id) => id < 297)).toBe(true);
  });

  it('of one word of 200,000 letters is read in little time', async () => {
    const tokenizer = await trainByteTokenizer(['aaaaaaaa aaaaaaaa bbbb bbbb'], { vocab: 270 });
    const word = 'a'.repeat(200_000);
    const ids = tokenizer.encode(word);
    expect(ids.length).toBeLessThan(80_000);
    expect(tokenizer.decode(ids)).toBe(word);
  });

  it('with half a character is read as its replacement', () => {
    expect(createOnlyBytes().decode(createOnlyBytes().encode('a\ud800b'))).toBe('a\ufffdb');
  });
});

describe('a hostile file', () => {
  const change = async (
    edit: (json: Record<string, unknown> & { model: Record<string, unknown> }) => void,
  ) => {
    const { model } = await trainByteTokenizer(['abab abab'], { vocab: 258 });
    const json = JSON.parse(writeTokenizerJson(model));
    edit(json);
    return () => parseTokenizerJson(JSON.stringify(json));
  };

  it.each([
    ['another kind of model', 'no BPE', (json) => Object.assign(json.model, { type: 'Unigram' })],
    ['no model', 'no object', (json) => Object.assign(json, { model: null })],
    [
      'an id that is missing',
      'do not run from 0',
      (json) => Object.assign(json.model.vocab as object, { a: 5000 }),
    ],
    ['an id twice', 'do not run from 0', (json) => Object.assign(json.model.vocab as object, { a: 3 })],
    [
      'an enormous id',
      'do not run from 0',
      (json) => Object.assign(json.model.vocab as object, { a: 2 ** 40 }),
    ],
    [
      'a merge of unknown tokens',
      'does not have',
      (json) => (json.model.merges as unknown[]).push(['qq', 'a']),
    ],
    ['a merge twice', 'stands twice', (json) => (json.model.merges as unknown[]).push(['a', 'b'])],
    ['a merge that is no pair', 'no pair', (json) => (json.model.merges as unknown[]).push(7)],
    [
      'another way to cut words',
      'not supported',
      (json) => Object.assign(json, { pre_tokenizer: { type: 'Metaspace' } }),
    ],
    ['a normalizer', 'changes texts', (json) => Object.assign(json, { normalizer: { type: 'NFC' } })],
  ] as [string, string, Parameters<typeof change>[0]][])('with %s is refused', async (_, reason, edit) => {
    expect(await change(edit)).toThrow(reason);
  });

  it('that is no JSON is refused', () => {
    expect(() => parseTokenizerJson('{"model":')).toThrow('not JSON');
  });
});

function createOnlyBytes(): Tokenizer {
  return createTokenizer({
    tokens: [...BYTES, '<|endoftext|>'],
    merges: [],
    special: new Map([['<|endoftext|>', 256]]),
    splitDigits: true,
  });
}

function replace(ids: readonly number[], left: number, right: number, id: number): number[] {
  const replaced: number[] = [];
  for (let at = 0; at < ids.length; at++) {
    const isPair = ids[at] === left && ids[at + 1] === right;
    replaced.push(isPair ? id : ids[at]!);
    if (isPair) at++;
  }
  return replaced;
}
