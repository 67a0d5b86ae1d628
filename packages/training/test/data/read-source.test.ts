import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Document } from '../../src/data/documents.ts';
import { readSource } from '../../src/data/read-source.ts';
import type { SourceRecipe } from '../../src/recipe/read-data.ts';
import { aFolder } from '../support/folder.ts';

/** Rows {text: 'first'}, {text: 'second'}, {text: 'third'} as PyArrow writes them. */
const PARQUET = new URL('../vectors/three-rows.parquet', import.meta.url);

async function all(path: string, kind: SourceRecipe['kind'], field = 'text'): Promise<Document[]> {
  const documents: Document[] = [];
  for await (const document of readSource(path, { kind, field })) documents.push(document);
  return documents;
}

describe('a source of data', () => {
  it('is every text of a folder and of those inside, by name', async () => {
    await using folder = await aFolder();
    await mkdir(`${folder.path}/b`);
    await writeFile(`${folder.path}/c.txt`, 'third');
    await writeFile(`${folder.path}/b/inner.md`, 'second');
    await writeFile(`${folder.path}/a.txt`, 'first');
    await writeFile(`${folder.path}/picture.png`, Buffer.of(255, 216));
    expect(await all(folder.path, 'text')).toEqual([
      { text: 'first' },
      { text: 'second' },
      { text: 'third' },
    ]);
  });

  it('can be one file, lines of JSON, or conversations', async () => {
    await using folder = await aFolder();
    const path = `${folder.path}/lines.jsonl`;
    await writeFile(path, '{"body":"one"}\r\n\n{"body":"two"}');
    expect(await all(path, 'jsonl', 'body')).toEqual([{ text: 'one' }, { text: 'two' }]);
    await writeFile(path, '{"prompt":"a","completion":"b"}\n');
    expect(await all(path, 'chat')).toEqual([
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: 'b' },
        ],
      },
    ]);
  });

  it('says which file and line is wrong', async () => {
    await using folder = await aFolder();
    await writeFile(`${folder.path}/bad.jsonl`, '{"text":"one"}\n{"text":\n');
    await expect(all(folder.path, 'jsonl')).rejects.toThrow('bad.jsonl, line 2 is not JSON');
    await writeFile(`${folder.path}/latin.txt`, Buffer.of(0xe9, 0x20));
    await expect(all(`${folder.path}/latin.txt`, 'text')).rejects.toThrow('is not text in UTF-8');
  });

  it('that is not there or holds nothing of its kind is refused', async () => {
    await using folder = await aFolder();
    await expect(all(`${folder.path}/nothing`, 'text')).rejects.toThrow('is not there');
    await expect(all(folder.path, 'jsonl')).rejects.toThrow('holds no file ending in .jsonl');
  });

  it('can be Parquet', async () => {
    expect(await all(PARQUET.pathname, 'parquet')).toEqual([
      { text: 'first' },
      { text: 'second' },
      { text: 'third' },
    ]);
    await expect(all(PARQUET.pathname, 'parquet', 'body')).rejects.toThrow('has no column body');
  });

  it('of Parquet that is packed in a way nobody here can open says which', async () => {
    await using folder = await aFolder();
    const bytes = await readFile(PARQUET);
    // Behind the name of the first column its codec: 1, Snappy, as a signed number of Thrift.
    const codec = bytes.indexOf(Buffer.from('1804746578741502', 'hex')) + 7;
    bytes[codec] = 2 * 2;
    await writeFile(`${folder.path}/packed.parquet`, bytes);
    await expect(all(folder.path, 'parquet')).rejects.toThrow('packed.parquet is compressed with GZIP');
  });

  it('of damaged Parquet is refused', async () => {
    await using folder = await aFolder();
    await writeFile(`${folder.path}/bad.parquet`, Buffer.alloc(100, 7));
    await expect(all(folder.path, 'parquet')).rejects.toMatchObject({ code: 'DATA_MALFORMED' });
  });
});
