import { bytesToHex, createPureCrypto } from '@cairn/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type DataIndex, dataRootOf, decodeDataIndex, SHARD_TOKENS } from '../../src/data/data-index.ts';
import { cutText, type Document, parseLine } from '../../src/data/documents.ts';
import { fingerprintOf } from '../../src/data/fingerprint.ts';
import { createPermutation } from '../../src/data/permutation.ts';
import { type DataSource, type PrepareOptions, prepareData } from '../../src/data/prepare-data.ts';
import { batchesOf } from '../../src/data/ranges.ts';
import { createSampleOrder } from '../../src/data/sample-order.ts';
import { decodeShard, encodeShard } from '../../src/data/shard.ts';
import { createTokenBatches, type TokenBatches } from '../../src/data/token-batches.ts';
import type { Tokenizer } from '../../src/tokenizer/tokenizer.ts';
import { trainByteTokenizer } from '../../src/tokenizer/train-tokenizer.ts';
import { aRandom } from '../support/random.ts';

const crypto = createPureCrypto();
const SEED = Uint8Array.of(1, 2, 3);
const LENGTH = 16;

let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await trainByteTokenizer(['one two three'], {
    vocab: 260,
    special: ['<|user|>', '<|assistant|>'],
  });
});

const aSource = (documents: readonly Document[], overrides: Partial<DataSource> = {}): DataSource => ({
  name: 'texts',
  licence: 'CC0-1.0',
  documents: () => documents,
  ...overrides,
});

const someTexts = (count: number): Document[] =>
  Array.from({ length: count }, (_, index) => ({
    text: `Document number ${index} tells of ${index * index}.`,
  }));

async function prepare(sources: readonly DataSource[], overrides: Partial<PrepareOptions> = {}) {
  const blobs = new Map<string, Uint8Array>();
  const keep = async (bytes: Uint8Array) => blobs.set(bytesToHex(crypto.sha256(bytes)), bytes);
  const prepared = await prepareData({ crypto, keep }, sources, {
    tokenizer,
    tokenizerHash: new Uint8Array(32),
    length: LENGTH,
    heldOutPermille: 100,
    seed: SEED,
    ...overrides,
  });
  const read = async (hash: Uint8Array) => blobs.get(bytesToHex(hash))!;
  const batches = (rows: number): TokenBatches =>
    createTokenBatches(
      { crypto, read },
      {
        sets: prepared.sets.map(({ index }) => index),
        heldOut: prepared.heldOut.index,
        rows,
        seed: SEED,
        vocab: tokenizer.model.tokens.length,
      },
    );
  return { ...prepared, blobs, read, batches };
}

/** Everything the shards of sets hold, as text. */
async function textOf(
  sets: readonly { index: DataIndex }[],
  read: (hash: Uint8Array) => Promise<Uint8Array>,
) {
  let text = '';
  for (const { index } of sets)
    for (const shard of index.shards) {
      const { ids } = decodeShard(await read(shard.hash), shard.tokens, index.tokenBytes, 1000);
      text += tokenizer.decode([...ids]);
    }
  return text;
}

describe('preparing data', () => {
  it('holds out whole documents, none of which is trained on', async () => {
    const { sets, heldOut, facts, read } = await prepare([aSource(someTexts(400))]);
    expect(facts).toMatchObject({ documents: 400, duplicates: 0, nearDuplicates: 0 });
    expect(facts.heldOut).toBeGreaterThan(15);
    expect(facts.heldOut).toBeLessThan(80);
    const [train, held] = [await textOf(sets, read), await textOf([heldOut], read)];
    let inHeld = 0;
    for (const { text } of someTexts(400)) {
      const isHeld = held.includes(text!);
      expect(train.includes(text!), text).toBe(!isHeld);
      if (isHeld) inHeld += 1;
    }
    expect(inHeld).toBe(facts.heldOut);
  });

  it('leaves out equal texts, and texts that differ only in case, punctuation and space', async () => {
    const copies = [...someTexts(50), ...someTexts(50), { text: 'document NUMBER 7, tells -- of 49' }];
    expect((await prepare([aSource(copies)])).facts).toMatchObject({
      documents: 101,
      duplicates: 50,
      nearDuplicates: 1,
    });
  });

  it('never has two wordings of one question on both sides', () => {
    const print = (content: string) =>
      fingerprintOf(crypto, SEED, {
        messages: [
          { role: 'user', content },
          { role: 'assistant', content: '0 9 * * *' },
        ],
      });
    expect(print('Every day at 9!').permille).toBe(print('every DAY, at 9').permille);
    expect(print('Every day at 9!').exact).not.toBe(print('every DAY, at 9').exact);
  });

  it('gives the same sets for the same documents, whatever the machine', async () => {
    const [one, two] = [await prepare([aSource(someTexts(60))]), await prepare([aSource(someTexts(60))])];
    expect(one.sets[0]!.root).toEqual(two.sets[0]!.root);
    expect(bytesToHex(one.sets[0]!.root)).toMatchInlineSnapshot(
      `"eafdc83db9a8871a6f575b8eba2a74c8b5b109ef9b45cad491aafd559bad9f1b"`,
    );
    expect((await prepare([aSource(someTexts(60))], { seed: Uint8Array.of(9) })).sets[0]!.root).not.toEqual(
      one.sets[0]!.root,
    );
  });

  it('has a set for each source, with its licence, and one for what is held out', async () => {
    const { sets, heldOut } = await prepare([
      aSource(someTexts(60), { name: 'a', licence: 'CC0-1.0' }),
      aSource([...someTexts(90)].slice(60), { name: 'b', licence: 'MIT' }),
    ]);
    expect(sets.map(({ index }) => [index.name, index.licence])).toEqual([
      ['a', 'CC0-1.0'],
      ['b', 'MIT'],
    ]);
    expect(heldOut.index.licence).toBe('(CC0-1.0) AND (MIT)');
  });

  it('holds out the end of a long text', async () => {
    const text = Array.from({ length: 20_000 }, (_, line) => `Line ${line} of a play.`).join('\n');
    const { sets, heldOut, read } = await prepare([aSource([{ text }])]);
    const [train, held] = [await textOf(sets, read), await textOf([heldOut], read)];
    expect(train + held).toBe(text);
    expect(held.length / text.length).toBeCloseTo(0.1, 2);
    expect(held.startsWith('Line ')).toBe(true);
  });

  it('holds out one document when chance holds out none', async () => {
    const { facts, heldOut } = await prepare([aSource(someTexts(3))], { heldOutPermille: 1 });
    expect(facts.heldOut).toBe(1);
    expect(heldOut.samples).toBeGreaterThan(0);
  });

  it('refuses data that leave nothing on a side', async () => {
    await expect(prepare([aSource([{ text: 'short' }])])).rejects.toMatchObject({ code: 'DATA_MALFORMED' });
    await expect(prepare([aSource([])])).rejects.toThrow('nothing is left to train on');
  });

  it('refuses a mixture of texts and conversations', async () => {
    const messages = [{ role: 'assistant' as const, content: 'hi' }];
    await expect(prepare([aSource(someTexts(3)), aSource([{ messages }])])).rejects.toThrow('mixes');
  });
});

describe('conversations', () => {
  const chats = Array.from({ length: 200 }, (_, index) => ({
    messages: [
      { role: 'user' as const, content: `q${index}` },
      { role: 'assistant' as const, content: `a${index}` },
    ],
  }));

  it('teach only the answers and their ends, and are never cut', async () => {
    const { batches } = await prepare([aSource(chats)], { length: 31 });
    const { batch } = batches(4);
    const { ids, targets, weights } = await batch(0);
    const [user, assistant] = [tokenizer.markOf('<|user|>'), tokenizer.markOf('<|assistant|>')];
    for (let row = 0; row < 4; row++) {
      let isAnswer = false;
      expect(ids[row * 31], `row ${row}`).toBe(user);
      for (let at = row * 31; at < (row + 1) * 31; at++) {
        if (ids[at] === assistant) isAnswer = true;
        if (ids[at] === user || ids[at] === tokenizer.endOfText) isAnswer = false;
        expect(weights[at], `position ${at}`).toBe(isAnswer ? 1 : 0);
        if (at + 1 < (row + 1) * 31) expect(targets[at]).toBe(ids[at + 1]);
      }
    }
  });

  it('are all there once, packed close', async () => {
    const { sets, heldOut, read, facts } = await prepare([aSource(chats)], { length: 31 });
    const all = (await textOf(sets, read)) + (await textOf([heldOut], read));
    for (const index of chats.keys())
      expect(all.split(`q${index}a${index}`).length, `${index}`).toBeGreaterThan(1);
    expect(facts.documents).toBe(200);
    // A conversation takes 7 to 11 tokens and a row has 32.
    expect(sets[0]!.samples).toBeLessThan(80);
  });

  it('begin rows whether they are long or short, so that their place in a row tells nothing', async () => {
    const random = aRandom(11);
    // A short one has 9 tokens at most, a long one 23 at least, and a row 32.
    const mixed = chats.map(({ messages: [question] }, index) => {
      const letters = Array.from({ length: 18 }, () => String.fromCharCode(97 + random.below(26))).join('');
      const content = index % 2 === 0 ? '!' : letters;
      return { messages: [question!, { role: 'assistant' as const, content }] };
    });
    const { batches } = await prepare([aSource(mixed)], { length: 31 });
    const { samples, batch } = batches(1);
    let short = 0;
    for (let row = 0; row < samples; row++) {
      const { ids } = await batch(row);
      if (tokenizer.decode([...ids.slice(0, ids.indexOf(tokenizer.endOfText))]).includes('!')) short += 1;
    }
    expect(samples).toBeGreaterThan(80);
    expect(short / samples).toBeGreaterThan(1 / 3);
    expect(short / samples).toBeLessThan(2 / 3);
  });
});

describe('batches', () => {
  it('of a pass hold each sample once, and of the next pass again in another order', async () => {
    const random = aRandom(8);
    const noise = Array.from({ length: 60 }, () => ({
      text: Array.from({ length: 70 }, () => String.fromCharCode(97 + random.below(26))).join(''),
    }));
    const { batches } = await prepare([aSource(noise.slice(20)), aSource(noise.slice(0, 20), { name: 'b' })]);
    const { samples, batch } = batches(1);
    const pass = async (number: number) => {
      const rows: string[] = [];
      for (let index = 0; index < samples; index++)
        rows.push((await batch(number * samples + index)).ids.join(' '));
      return rows;
    };
    const [first, second] = [await pass(0), await pass(1)];
    expect(new Set(first).size).toBe(samples);
    expect([...first].sort()).toEqual([...second].sort());
    expect(first).not.toEqual(second);
  });

  it('do not depend on where a run was interrupted', async () => {
    const { batches } = await prepare([aSource(someTexts(100))]);
    const [one, other] = [batches(3), batches(3)];
    const straight = [];
    for (let index = 0; index < 40; index++) straight.push(await one.batch(index));
    for (const index of [39, 7, 20, 7, 0]) expect(await other.batch(index)).toEqual(straight[index]);
  });

  it('predict the next token, also over the end of a sample', async () => {
    const { batches } = await prepare([aSource(someTexts(100))]);
    const { ids, targets, weights } = await batches(2).batch(3);
    expect(targets.subarray(0, LENGTH - 1)).toEqual(ids.subarray(1, LENGTH));
    expect(weights.every((weight) => weight === 1)).toBe(true);
  });

  it('of what is held out cover it once, with empty rows at the end', async () => {
    const { batches, heldOut } = await prepare([aSource(someTexts(200))]);
    const { heldOutBatches, heldOut: at } = batches(7);
    let weight = 0;
    for (let index = 0; index < heldOutBatches; index++)
      weight += (await at(index)).weights.reduce((sum, value) => sum + value, 0);
    expect(weight).toBe(heldOut.samples * LENGTH);
  });

  it('fetch a shard once while it is needed, and again after it could not be read', async () => {
    const { sets, heldOut, read } = await prepare([aSource(someTexts(100))]);
    let reads = 0;
    const parts = {
      crypto,
      read: async (hash: Uint8Array) => {
        reads += 1;
        if (reads === 1) throw new Error('not here yet');
        return read(hash);
      },
    };
    const options = { sets: [sets[0]!.index], heldOut: heldOut.index, rows: 2, seed: SEED, vocab: 260 };
    const { batch } = createTokenBatches(parts, options);
    await expect(batch(0)).rejects.toThrow('not here yet');
    await Promise.all([batch(0), batch(1), batch(2)]);
    expect(reads).toBe(2);
  });

  it('refuse a shard of another size or with tokens the model does not have', () => {
    const bytes = encodeShard([1, 2, 300], [1, 0, 1], 2);
    expect(decodeShard(bytes, 3, 2, 301)).toEqual({
      ids: Int32Array.of(1, 2, 300),
      isLearned: Uint8Array.of(1, 0, 1),
    });
    expect(() => decodeShard(bytes, 3, 2, 300)).toThrow('token 300');
    expect(() => decodeShard(bytes, 4, 2, 301)).toThrow('which is not what 4 tokens take');
    expect(() => decodeShard(encodeShard([2 ** 31], [1], 4), 1, 4, 301)).toThrow('token 2147483648');
  });
});

describe('the order of samples', () => {
  it.each([1, 2, 3, 10, 255, 256, 257, 5000])('puts each of %i numbers somewhere once', (count) => {
    const order = createPermutation(crypto, Uint8Array.of(5), count);
    const found = new Set(Array.from({ length: count }, (_, index) => order(index)));
    expect(found.size).toBe(count);
    expect(Math.max(...found)).toBe(count - 1);
  });

  it('holds every sample of many shards once a pass, and needs few shards at a time (seed 6)', () => {
    const random = aRandom(6);
    const counts = Array.from({ length: 40 }, () => random.below(30));
    const order = createSampleOrder(crypto, SEED, counts);
    for (const pass of [0, 1, 5]) {
      const places = Array.from({ length: order.total }, (_, index) => order.at(pass * order.total + index));
      expect(new Set(places.map(({ shard, sample }) => shard * 100 + sample)).size).toBe(order.total);
      for (const { shard, sample } of places) expect(sample).toBeLessThan(counts[shard]!);
      const window = new Set(places.slice(0, 60).map(({ shard }) => shard));
      expect(window.size).toBeLessThanOrEqual(16);
    }
  });

  it('gives no two places of a run the same batch', () => {
    const taken = new Set<number>();
    let before = 0;
    for (const roster of [3, 4, 1, 7]) {
      for (let place = 0; place < roster; place++) {
        const { first, count } = batchesOf(before, place, 10);
        for (let index = first; index < first + count; index++) {
          expect(taken.has(index)).toBe(false);
          taken.add(index);
        }
      }
      before += roster * 10;
    }
    expect(taken.size).toBe(before);
    expect(() => batchesOf(2 ** 53, 0, 1)).toThrow('at most');
  });
});

describe('reading documents', () => {
  it('takes texts and conversations in the forms people have them', () => {
    expect(parseLine('{"text":"a"}', 'jsonl', 'text', 'f', 1)).toEqual({ text: 'a' });
    expect(parseLine('{"body":"a"}', 'jsonl', 'body', 'f', 1)).toEqual({ text: 'a' });
    const two = {
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'b' },
      ],
    };
    for (const line of [two, { prompt: 'a', completion: 'b' }, { instruction: 'a', output: 'b' }])
      expect(parseLine(JSON.stringify(line), 'chat', 'text', 'f', 1)).toEqual(two);
  });

  it.each([
    ['{"text":', 'jsonl', 'is not JSON'],
    ['[]', 'jsonl', 'is no object'],
    ['{"text":7}', 'jsonl', 'has no text in the field text'],
    ['{"__proto__":{"text":"a"}}', 'jsonl', 'has no text in the field text'],
    ['{"messages":[]}', 'chat', 'has no messages'],
    ['{"messages":[{"role":"tool","content":"a"}]}', 'chat', 'has a message without role and content'],
    ['{"messages":[null]}', 'chat', 'has a message without role and content'],
    ['{"messages":[{"role":"user","content":"a"}]}', 'chat', 'has no answer to learn from'],
  ] as const)('says what is wrong with %s', (line, kind, reason) => {
    expect(() => parseLine(line, kind, 'text', 'lines.jsonl', 12)).toThrow(`lines.jsonl, line 12 ${reason}`);
  });

  it('cuts a very long text behind a line break', () => {
    const text = `${'a'.repeat(3_000_000)}\n${'b'.repeat(3_000_000)}`;
    const pieces = [...cutText(text)].map((document) => document.text!);
    expect(pieces.map((piece) => piece.length)).toEqual([3_000_001, 3_000_000]);
    expect(pieces.join('')).toBe(text);
  });

  it('refuses an index that contradicts itself', async () => {
    const { sets } = await prepare([aSource(someTexts(60))]);
    const { index, indexBytes, root } = sets[0]!;
    expect(decodeDataIndex(indexBytes)).toEqual(index);
    expect(dataRootOf(crypto, index)).toEqual(root);
    const changed = (byte: number, value: number) => {
      const bytes = indexBytes.slice();
      bytes[byte] = value;
      return bytes;
    };
    for (let byte = 0; byte < indexBytes.length; byte += 3) {
      try {
        const { shards, tokens } = decodeDataIndex(changed(byte, 0xff));
        expect(shards.every((shard) => shard.tokens <= SHARD_TOKENS)).toBe(true);
        expect(tokens).toBe(shards.reduce((sum, shard) => sum + BigInt(shard.tokens), 0n));
      } catch (error) {
        expect(['CODEC_MALFORMED', 'CODEC_NOT_CANONICAL', 'DATA_MALFORMED']).toContain(
          (error as { code: string }).code,
        );
      }
    }
  });
});
