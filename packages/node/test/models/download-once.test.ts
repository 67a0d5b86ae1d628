import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { downloadOnce } from '../../src/models/download-once.ts';
import { systemClock } from '../../src/real/clock.ts';
import { aFolder } from '../data/parts.ts';

const URL_OF_IT = 'https://example.org/some.gguf';

/** A server with one file, and how often it was asked. */
function aServer(text = 'a model') {
  const asked: string[] = [];
  const fetch = async (url: unknown) => {
    asked.push(String(url));
    return new Response(text);
  };
  return { asked, parts: { clock: systemClock, fetch: fetch as typeof globalThis.fetch } };
}

it('fetches a file once, and not again while it is whole', async () => {
  const path = join(aFolder(), 'some.gguf');
  const { asked, parts } = aServer();
  for (let start = 0; start < 3; start++) await downloadOnce(parts, { url: URL_OF_IT, path });
  expect(asked).toEqual([URL_OF_IT]);
  expect(readFileSync(path, 'utf8')).toBe('a model');
});

it.each<[string, (path: string) => void]>([
  ['is gone', (path) => rmSync(path)],
  ['was changed', (path) => writeFileSync(path, 'a modem')],
  ['came before anything was noted of it', (path) => rmSync(`${path}.json`)],
])('fetches a file again that %s', async (_, change) => {
  const path = join(aFolder(), 'some.gguf');
  const { asked, parts } = aServer();
  await downloadOnce(parts, { url: URL_OF_IT, path });
  change(path);
  await downloadOnce(parts, { url: URL_OF_IT, path });
  expect(asked).toHaveLength(2);
  expect(readFileSync(path, 'utf8')).toBe('a model');
});

it('takes no file of another address for this one, however alike they are named', async () => {
  const path = join(aFolder(), 'some.gguf');
  await downloadOnce(aServer().parts, { url: URL_OF_IT, path });
  const other = aServer('another model');
  await downloadOnce(other.parts, { url: 'https://example.net/some.gguf', path });
  expect(readFileSync(path, 'utf8')).toBe('another model');
});
