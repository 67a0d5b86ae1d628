import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { aComputeTown, textOf } from './parts.ts';

const wordCount = new URL('../../../../examples/functions/word-count/function.js', import.meta.url);
const fingerprint = new URL('../../../../examples/functions/fingerprint/function.wasm', import.meta.url);

describe('the examples of functions', () => {
  it('count words, in JavaScript', async () => {
    await using town = await aComputeTown({ code: await readFile(wordCount) });
    const { answer, receipt } = await town.call('to be or not to be');
    expect(JSON.parse(textOf(answer.output))).toEqual({
      words: 6,
      most: [
        ['be', 2],
        ['to', 2],
        ['not', 1],
        ['or', 1],
      ],
    });
    expect(receipt.receipt.completionTokens).toBe(answer.work);
    expect(town.pool.logs()).toEqual(['counted 4 different words\n']);
  });

  it('make a fingerprint, in WebAssembly', async () => {
    await using town = await aComputeTown({ kind: 'wasm', code: await readFile(fingerprint) });
    const { answer } = await town.call(1);
    expect(answer).toMatchObject({ fault: null });
    // FNV-1a of the character 1.
    expect(textOf(answer.output)).toBe('340ca71c');
  });
});
