import { expect, it } from 'vitest';
import { ENDPOINTS } from '../packages/gateway/src/endpoints/table.ts';
import { anHttpTown, WHOLE_SURFACE } from '../packages/node/test/miner/http-town.ts';
import { readText } from './repository.ts';

const FILES: Readonly<Record<string, string>> = {
  'sound.mp3': 'a sound',
  'input.jsonl': JSON.stringify({
    custom_id: '1',
    method: 'POST',
    url: '/v1/chat/completions',
    body: { model: 'cairn/crontab', messages: [{ role: 'user', content: 'x' }] },
  }),
};

/** Words as a shell splits them: single quotes are all the page uses. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}

/** What curl would send. */
function requestOf(line: string, names: ReadonlyMap<string, string>) {
  const [, ...words] = wordsOf(line);
  const headers: Record<string, string> = {};
  const form = new FormData();
  const found = { method: 'GET', path: '', isForm: false };
  let body: string | null = null;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const value = () => words.shift() ?? '';
    if (word === '-X') found.method = value();
    else if (word === '-H') {
      const [name = '', text = ''] = value().split(': ');
      headers[name] = text;
    } else if (word === '-d') body = value();
    else if (word === '-o') value();
    else if (word === '-F') {
      found.isForm = true;
      const [name = '', text = ''] = value().split('=');
      if (text.startsWith('@')) form.set(name, new File([FILES[text.slice(1)] ?? ''], text.slice(1)));
      else form.set(name, text);
    } else found.path = word.replace('localhost:8470', '');
  }
  if (found.method === 'GET' && (body !== null || found.isForm)) found.method = 'POST';
  const named = (text: string) => [...names].reduce((all, [name, id]) => all.replace(name, id), text);
  const sent = found.isForm ? form : body === null ? null : named(body);
  return { method: found.method, path: named(found.path), headers, body: sent };
}

it('shows a command for every endpoint, and each of them works', async () => {
  await using town = await anHttpTown({ ...WHOLE_SURFACE, card: { name: 'cairn/crontab' } });
  const lines = readText('docs/guide/api.md')
    .split('\n')
    .filter((line) => line.startsWith('curl '));
  const names = new Map<string, string>();
  const asked: { readonly method: string; readonly path: string }[] = [];
  for (const line of lines) {
    const { method, path, headers, body } = requestOf(line, names);
    const response = await fetch(`http://127.0.0.1:${town.port}${path}`, { method, headers, body });
    const text = await response.text();
    expect(response.status, `${line}\n${text}`).toBe(method === 'POST' && path === '/v1/keys' ? 201 : 200);
    asked.push({ method, path });
    const receipt = response.headers.get('x-cairn-receipt');
    if (receipt !== null) names.set('RECEIPT', receipt);
    if (!(response.headers.get('content-type') ?? '').startsWith('application/json')) continue;
    const { object, id } = JSON.parse(text);
    if (object === 'cairn.key') names.set('KEY', id);
    if (['file', 'batch', 'response'].includes(object)) names.set(String(object).toUpperCase(), id);
  }
  for (const { method, path } of ENDPOINTS) {
    const isShown = asked.some(
      (one) => one.method === method && (path.endsWith('/') ? one.path.startsWith(path) : one.path === path),
    );
    expect(isShown, `${method} ${path}`).toBe(true);
  }
});
