import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listFiles, root } from './repository.ts';

/** Text files only: a model or a picture may hold any bytes. */
const files = listFiles()
  .map((file) => ({ file, bytes: readFileSync(join(root, file)) }))
  .filter(({ bytes }) => !bytes.subarray(0, 8_000).includes(0))
  .map(({ file, bytes }) => ({ file, text: bytes.toString('utf8') }));

function filesWith(pattern: RegExp): string[] {
  return files.flatMap(({ file, text }) => {
    const found = pattern.exec(text);
    return found ? [`${file}: ${found[0]}`] : [];
  });
}

// Each pattern is written so that it does not match itself.
describe('the files of the checkout', () => {
  it('name no folder of the machine they were written on', () => {
    expect(filesWith(/(?<![\w.~}])\/(?:hom[e]|User[s]|roo[t]|wor[k]\/(?:main|shared))\/[\w.-]+/)).toEqual([]);
  });

  it('name no package registry or mirror', () => {
    expect(
      filesWith(
        /registr[y]\.[a-z0-9-]+\.[a-z]+|https?:\/\/[^\s/'"]*(?:npmj[s]|unpk[g]|jsdeliv[r]|yarnpk[g])/,
      ),
    ).toEqual([]);
  });

  it('hold no private key and no token', () => {
    expect(
      filesWith(
        /BEGIN (?:[A-Z]+ )?PRIVATE KE[Y]|AGE-SECRET-KEY-1[A-Z0-9]{20}|\bnpm_[A-Za-z0-9]{36}|\bghp_[A-Za-z0-9]{36}/,
      ),
    ).toEqual([]);
  });

  it('end with a newline and hold no merge marker', () => {
    expect(filesWith(/^(?:<{7}|>{7}) /m)).toEqual([]);
    const written = files.filter(({ file }) => !file.includes('/vectors/')); // those are kept as they came
    const bare = written.filter(({ text }) => text !== '' && !text.endsWith('\n'));
    expect(bare.map(({ file }) => file)).toEqual([]);
  });
});
