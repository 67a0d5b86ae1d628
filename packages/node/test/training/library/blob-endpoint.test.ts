import { createControl } from '@cairn/gateway';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createControlGuard } from '../../../src/http/control.ts';
import { startHttpServer } from '../../../src/http/server.ts';
import { systemTimer } from '../../../src/real/timer.ts';
import { createBlobEndpoint } from '../../../src/training/library/blob-endpoint.ts';
import { aLibrary, bytesOf, idOf } from './parts.ts';

async function aNode(wait: Promise<void> = Promise.resolve()) {
  const { library } = aLibrary();
  const { refuses } = createControlGuard(createControl({ keys: [] }));
  const endpoint = createBlobEndpoint({
    library: { getShown: (id) => wait.then(() => library.getShown(id)) },
    ...{ timer: systemTimer, refuses },
  });
  const server = await startHttpServer({ http: [endpoint] }, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => server[Symbol.asyncDispose]());
  const get = (path: string, init: RequestInit = {}) => fetch(`${server.url}${path}`, init);
  return { library, get };
}

describe('GET /blob', () => {
  it('answers with the bytes, which browsers may keep for good', async () => {
    const { library, get } = await aNode();
    const id = await library.put('run', bytesOf(100_000));
    const answer = await get(`/blob/${id}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toContain('immutable');
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(bytesOf(100_000));
  });

  it('has neither what is hidden nor what is not here', async () => {
    const { library, get } = await aNode();
    const hidden = await library.put('run', bytesOf(10), { isHidden: true });
    for (const path of [hidden, idOf(bytesOf(11)), '..%2fkeys', 'ABC', `${hidden}0`])
      expect((await get(`/blob/${path}`)).status, path).toBe(404);
    expect((await get(`/blob/${hidden}`, { method: 'POST', body: 'x' })).status).toBe(404);
  });

  it('is kept from pages of other origins', async () => {
    const { library, get } = await aNode();
    const id = await library.put('run', bytesOf(10));
    const answer = await get(`/blob/${id}`, { headers: { origin: 'https://elsewhere.example' } });
    expect(answer.status).toBe(403);
  });

  it('serves a bounded number at a time', async () => {
    const disk = Promise.withResolvers<void>();
    const { library, get } = await aNode(disk.promise);
    const id = await library.put('run', bytesOf(10));
    const asked = Array.from({ length: 17 }, () => get(`/blob/${id}`));
    expect((await Promise.race(asked)).status).toBe(503);
    disk.resolve();
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200).length).toBe(16);
  });
});
