import { request as openRequest } from 'node:http';
import { createControl } from '@cairn/gateway';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createControlGuard } from '../../src/http/control.ts';
import { type HttpHandler, startHttpServer } from '../../src/http/server.ts';
import { createRpcEndpoint } from '../../src/rpc/http-endpoint.ts';
import { createJsonRpc } from '../../src/rpc/json-rpc.ts';
import { chainMethods } from '../../src/rpc/ledger-methods.ts';
import { createReadEndpoint } from '../../src/rpc/read-endpoint.ts';
import { aChain, aLog } from '../rpc/parts.ts';

async function aServer(keys: readonly string[] = [], more: readonly HttpHandler[] = []) {
  const chain = await aChain();
  const log = aLog();
  const methods = new Map(chainMethods(chain.ledger).map((method) => [method.name, method]));
  const { refuses } = createControlGuard(createControl({ keys }));
  const endpoint = createRpcEndpoint({
    rpc: createJsonRpc({ methods, log }),
    openRpc: { openrpc: '1.3.2' },
    refuses,
  });
  const server = await startHttpServer({ http: [endpoint, ...more] }, { host: '127.0.0.1', port: 0, log });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return { ...server, log, base: `http://127.0.0.1:${server.port}` };
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** Sends exactly these headers; `fetch` would not let a test choose Host or Origin. */
function send(
  port: number,
  options: { method?: string; path?: string; headers?: Record<string, string>; body?: string | Buffer },
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { method = 'POST', path = '/rpc', headers = {}, body = '' } = options;
    const type = method === 'POST' ? { 'content-type': 'application/json' } : {};
    const outgoing = openRequest(
      { host: '127.0.0.1', port, method, path, headers: { ...type, ...headers } },
      (response) => {
        let text = '';
        response.on('data', (part) => {
          text += String(part);
        });
        response.on('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, body: text }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const status = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'chain_status' });

describe('/comet', () => {
  const question = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'commit' });

  async function aReader(keys: readonly string[] = []) {
    const bodies: string[] = [];
    const { refuses } = createControlGuard(createControl({ keys }));
    const rpc = {
      async answer(body: string) {
        bodies.push(body);
        return { jsonrpc: '2.0', id: 1, result: {} } as const;
      },
    };
    const server = await aServer(keys, [createReadEndpoint({ rpc, refuses })]);
    return { ...server, bodies };
  }

  it('hands questions on, and refuses what no program of this machine sends', async () => {
    const { port, bodies } = await aReader();
    const path = '/comet';
    expect(await send(port, { path, body: question })).toMatchObject({
      status: 200,
      body: '{"jsonrpc":"2.0","id":1,"result":{}}',
    });
    expect((await send(port, { path, method: 'GET' })).status).toBe(405);
    expect((await send(port, { path, body: 'x'.repeat(20_000) })).status).toBe(413);
    const page = { origin: 'https://elsewhere.example' };
    expect((await send(port, { path, body: question, headers: page })).status).toBe(403);
    expect((await send(port, { path, body: question, headers: { host: 'rebound.example' } })).status).toBe(
      403,
    );
    expect(bodies).toEqual([question]);
  });

  it('takes a key as the password of an address, which is all that CometBFT can send', async () => {
    const { port, bodies } = await aReader(['sesame']);
    const shown = (text: string) => ({
      host: 'hill.example.org',
      authorization: `Basic ${Buffer.from(text).toString('base64')}`,
    });
    const sent = (text: string) => send(port, { path: '/comet', body: question, headers: shown(text) });
    expect((await sent(':sesame')).status).toBe(200);
    expect((await sent('anybody:sesame')).status).toBe(200);
    expect((await sent(':guess')).status).toBe(403);
    expect(bodies).toHaveLength(2);
  });
});

describe('/rpc', () => {
  it('answers a request, a notification and what it does not know', async () => {
    const { port } = await aServer();
    expect(await send(port, { body: status })).toMatchObject({
      status: 200,
      body: expect.stringContaining('"height":0'),
    });
    expect(
      await send(port, { body: JSON.stringify({ jsonrpc: '2.0', method: 'chain_status' }) }),
    ).toMatchObject({
      status: 204,
      body: '',
    });
    expect(await send(port, { path: '/rpc?x=1', body: status })).toMatchObject({ status: 200 });
    expect(await send(port, { path: '/openrpc.json', method: 'GET' })).toMatchObject({ status: 200 });
    expect(await send(port, { path: '/nowhere', body: status })).toMatchObject({ status: 404 });
    expect(await send(port, { body: '{' })).toMatchObject({
      status: 200,
      body: expect.stringContaining('-32700'),
    });
  });

  it.each(['GET', 'PUT', 'DELETE'])('does not take %s', async (method) => {
    const { port } = await aServer();
    const headers = { 'content-type': 'application/json' };
    expect(await send(port, { method, headers })).toMatchObject({ status: 405, headers: { allow: 'POST' } });
  });

  it('refuses a body above 8 MiB, announced or not, before it has come whole', async () => {
    const { port } = await aServer();
    expect(await send(port, { headers: { 'content-length': String(2 ** 40) }, body: 'x' })).toMatchObject({
      status: 413,
      headers: { connection: 'close' },
    });
    const large = Buffer.alloc(8 * 1024 * 1024 + 1, ' ');
    expect(await send(port, { headers: { 'transfer-encoding': 'chunked' }, body: large })).toMatchObject({
      status: 413,
      body: expect.stringContaining('-32600'),
    });
    expect(await send(port, { body: status })).toMatchObject({ status: 200 });
  });
});

describe('control of /rpc', () => {
  const key = 'a-long-key';
  const own = (port: number) => ({ origin: `http://127.0.0.1:${port}` });

  it.each<[string, Record<string, string>, number]>([
    ['a name that was rebound to this machine', { host: 'evil.example' }, 403],
    ['a name that only begins like this machine', { host: '127.0.0.1.evil.example' }, 403],
    ['a page of another site', { origin: 'https://evil.example' }, 403],
    ['a page of another port', { origin: 'http://127.0.0.1:1' }, 403],
    ['a sandboxed page', { origin: 'null' }, 403],
    ['a cross-site request without origin', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['text that a page may post without asking', { 'content-type': 'text/plain' }, 415],
    ['a wrong key from another site', { origin: 'https://evil.example', authorization: 'Bearer wrong' }, 403],
  ])('refuses %s', async (_, headers, expected) => {
    const { port } = await aServer([key]);
    const reply = await send(port, { headers, body: status });
    expect(reply).toMatchObject({ status: expected, headers: { connection: 'close' } });
    expect(reply.headers['access-control-allow-origin']).toBeUndefined();
    expect(reply.body).not.toContain('height');
  });

  it('lets programs of this machine and its own pages in, and others with a key', async () => {
    const { port } = await aServer([key]);
    const authorization = `Bearer ${key}`;
    expect(await send(port, { body: status })).toMatchObject({ status: 200 });
    expect(await send(port, { headers: own(port), body: status })).toMatchObject({ status: 200 });
    expect(await send(port, { headers: { host: `localhost:${port}` }, body: status })).toMatchObject({
      status: 200,
    });
    const foreign = await send(port, {
      headers: { origin: 'https://app.example', authorization },
      body: status,
    });
    expect(foreign).toMatchObject({
      status: 200,
      headers: { 'access-control-allow-origin': 'https://app.example', vary: 'origin' },
    });
  });

  it('answers a preflight only where a key could be shown', async () => {
    const preflight = { method: 'OPTIONS', headers: { origin: 'https://app.example' } };
    expect(await send((await aServer()).port, preflight)).toMatchObject({ status: 403 });
    expect(await send((await aServer([key])).port, preflight)).toMatchObject({
      status: 204,
      headers: { 'access-control-allow-origin': 'https://app.example' },
    });
  });
});

describe('startHttpServer', () => {
  it('says which port is taken', async () => {
    const { port } = await aServer();
    await expect(startHttpServer({ http: [] }, { host: '127.0.0.1', port })).rejects.toMatchObject({
      problem: { code: 'PORT_TAKEN', port },
      message: expect.stringContaining('--port'),
    });
    await expect(startHttpServer({ http: [] }, { host: 'no such host', port: 0 })).rejects.toMatchObject({
      code: 'START_FAILED',
    });
  });

  it('answers a handler that fails with 500, tells its log why and goes on', async () => {
    const failing: HttpHandler = async ({ url }) => {
      if (url === '/fails') throw new Error('secret reason');
      return false;
    };
    const { port, log } = await aServer([], [failing]);
    const reply = await send(port, { path: '/fails', method: 'GET' });
    expect(reply).toMatchObject({ status: 500 });
    expect(reply.body).not.toContain('secret');
    expect(log.lines.join()).toContain('secret reason');
    expect(await send(port, { body: status })).toMatchObject({ status: 200 });
  });
});
