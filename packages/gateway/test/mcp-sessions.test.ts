import { request as httpRequest } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startMcpFixture } from './mcp-fixture.ts';

const ONE = 'sk-cairn-one-key-of-two';
const OTHER = 'sk-cairn-another-key-of-two';
const JSON_AND_STREAM = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
};

interface Answer {
  readonly status: number;
  readonly session: string | null;
  readonly headers: Headers;
  /** JSON-RPC messages of it. */
  readonly messages: readonly {
    readonly id?: unknown;
    readonly result?: { readonly content: readonly { readonly text: string }[] };
    readonly error?: { readonly message: string };
  }[];
  readonly lastEvent: string | null;
}

/** The suite's server behind a gateway's control, with a clock of its own. */
async function aServer(options: Parameters<typeof startMcpFixture>[0] = {}) {
  let nowMs = 1_000;
  const clock = { nowMs: () => nowMs };
  const fixture = await startMcpFixture({ clock, keys: [ONE, OTHER], ...options });
  onTestFinished(() => fixture[Symbol.asyncDispose]());
  const headersOf = (key: string, session: string | null) => ({
    ...JSON_AND_STREAM,
    authorization: `Bearer ${key}`,
    'mcp-protocol-version': '2025-11-25',
    ...(session === null ? {} : { 'mcp-session-id': session }),
  });
  async function send(
    message: unknown,
    { session = null, key = ONE }: { session?: string | null; key?: string } = {},
  ): Promise<Answer> {
    const body = JSON.stringify(message);
    return read(await fetch(fixture.url, { method: 'POST', headers: headersOf(key, session), body }));
  }
  const initialize = {
    jsonrpc: '2.0',
    id: 0,
    method: 'initialize',
    params: {
      protocolVersion: '2025-11-25',
      capabilities: { sampling: {} },
      clientInfo: { name: 't', version: '1' },
    },
  };
  const open = async (key = ONE) => send(initialize, { key });
  const call = (name: string, id: unknown = 1) => ({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name, arguments: name === 'test_sampling' ? { prompt: 'x' } : {} },
  });
  return {
    url: fixture.url,
    open,
    send,
    call,
    headersOf,
    initialize,
    wait: (ms: number) => {
      nowMs += ms;
    },
  };
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  const isStream = response.headers.get('content-type')?.includes('event-stream') === true;
  const lines = isStream ? text.split('\n').filter((line) => line.startsWith('data: {')) : [text];
  return {
    status: response.status,
    session: response.headers.get('mcp-session-id'),
    headers: response.headers,
    messages: lines.filter((line) => line !== '').map((line) => JSON.parse(line.replace('data: ', ''))),
    lastEvent:
      text
        .match(/^id: (.*)$/gm)
        ?.at(-1)
        ?.slice('id: '.length) ?? null,
  };
}

/** Opens a stream of what a session is told, and waits until it is there. */
function listen(url: string, headers: Record<string, string>): Promise<{ status: number; leave(): void }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { headers }, (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, leave: () => request.destroy() });
    });
    request.once('error', reject);
    onTestFinished(() => void request.destroy());
    request.end();
  });
}

describe('a session of the Model Context Protocol', () => {
  it('opens with initialize, answers under its id, and is gone once deleted', async () => {
    const { open, send, call, url, headersOf } = await aServer();
    const { session } = await open();
    expect(session).toMatch(/^[0-9a-f]{64}$/);
    const answer = await send(call('test_simple_text'), { session });
    expect(answer.messages[0]?.result?.content[0]?.text).toContain('simple text');
    const gone = await fetch(url, { method: 'DELETE', headers: headersOf(ONE, session) });
    expect(gone.status).toBe(200);
    const after = await send(call('test_simple_text'), { session });
    expect([after.status, after.messages[0]?.error?.message]).toEqual([
      404,
      expect.stringContaining('initialize'),
    ]);
  });

  it('gives the answer of a call to a client that lost its stream and came back', async () => {
    const { open, send, call, url, headersOf } = await aServer();
    const { session } = await open();
    const cut = await send(call('test_reconnection'), { session });
    expect([cut.messages, cut.lastEvent]).toEqual([[], expect.any(String)]);
    const headers = { ...headersOf(ONE, session), 'last-event-id': cut.lastEvent! };
    const back = await read(await fetch(url, { headers }));
    expect(back.messages).toMatchObject([{ id: 1, result: { content: [{ text: 'You came back.' }] } }]);
    const made = await fetch(url, { headers: { ...headers, 'last-event-id': '999' } });
    expect(made.status).toBe(400);
  });

  it('still answers a client without a session', async () => {
    const { send, call } = await aServer();
    const answer = await send(call('test_simple_text'));
    expect([answer.status, answer.session]).toEqual([200, null]);
    expect(answer.messages[0]?.result?.content[0]?.text).toContain('simple text');
  });

  it('is refused to another key, in every way, as if it were not there', async () => {
    const { open, send, call, url, headersOf } = await aServer();
    const { session } = await open(ONE);
    const refused = { session, key: OTHER };
    expect((await send(call('test_simple_text'), refused)).status).toBe(404);
    for (const method of ['GET', 'DELETE']) {
      const { status } = await fetch(url, { method, headers: headersOf(OTHER, session) });
      expect(status, method).toBe(404);
    }
    expect((await send(call('test_simple_text'), { session, key: ONE })).status).toBe(200);
    const { authorization: _, ...keyless } = headersOf(ONE, session);
    expect((await fetch(url, { headers: keyless })).status).toBe(404);
  });

  it('is refused under ids that nobody has', async () => {
    const { open, send, call } = await aServer();
    await open();
    for (const session of ['', '0', 'f'.repeat(64), 'x'.repeat(8_000), '__proto__']) {
      expect((await send(call('test_simple_text'), { session })).status, session.slice(0, 20)).toBe(404);
    }
  });

  it('ends after an hour in which nothing happened, and not while its client listens', async () => {
    const { open, send, call, url, headersOf, wait } = await aServer();
    const { session } = await open();
    const { session: heard } = await open();
    expect((await listen(url, headersOf(ONE, heard))).status).toBe(200);
    wait(3_599_999);
    expect((await send(call('test_simple_text'), { session })).status).toBe(200);
    wait(3_600_000);
    expect((await send(call('test_simple_text'), { session })).status).toBe(404);
    expect((await send(call('test_simple_text'), { session: heard })).status).toBe(200);
  });

  it('makes room for a new one of its key when it is idle, and for nobody else’s', async () => {
    const { open, send, call } = await aServer({ mostOfCaller: 3 });
    const { session: others } = await open(OTHER);
    const { session: first } = await open();
    const { session: second } = await open();
    await send(call('test_simple_text'), { session: first });
    for (let at = 0; at < 10; at += 1) expect((await open()).status).toBe(200);
    expect((await send(call('test_simple_text'), { session: second })).status).toBe(404);
    expect((await send(call('test_simple_text'), { session: others, key: OTHER })).status).toBe(200);
  });

  it('is refused with the limit when all of a key are in use, and when the gateway has no room', async () => {
    const { open, url, headersOf } = await aServer({ mostOfCaller: 2, most: 3 });
    for (const _ of [1, 2]) await listen(url, headersOf(ONE, (await open()).session));
    const full = await open();
    expect([full.status, full.headers.get('x-ratelimit-limit-requests')]).toEqual([429, '2']);
    expect(full.messages[0]?.error?.message).toContain('End one with DELETE');
    await listen(url, headersOf(OTHER, (await open(OTHER)).session));
    const over = await open(OTHER);
    expect([over.status, over.headers.get('x-ratelimit-limit-requests')]).toEqual([429, '3']);
    expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('takes no more than 32 calls at once, no id twice and no long one', async () => {
    const { open, send, call, url, headersOf } = await aServer();
    const { session } = await open();
    // The client is asked, and never answers.
    const sent = Array.from({ length: 32 }, (_, id) =>
      fetch(url, {
        method: 'POST',
        headers: headersOf(ONE, session),
        body: JSON.stringify(call('test_sampling', id + 1)),
      }),
    );
    const streams = await Promise.all(sent);
    expect(streams.every(({ status }) => status === 200)).toBe(true);
    const over = await send(call('test_simple_text', 40), { session });
    expect([over.status, over.headers.get('x-ratelimit-limit-requests')]).toEqual([429, '32']);
    const cancel = (requestId: number) => ({
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId },
    });
    expect((await send(cancel(1), { session })).status).toBe(202);
    expect((await send(call('test_simple_text', 2), { session })).status).toBe(400);
    expect((await send(call('test_simple_text', 'x'.repeat(129)), { session })).status).toBe(400);
    expect((await send(call('test_simple_text', 41), { session })).status).toBe(200);
    for (const { body } of streams) await body?.cancel();
  });

  it('ends once a client cancelled more calls than the session can forget', async () => {
    const { open, send, call, url, headersOf } = await aServer();
    const { session } = await open();
    for (let round = 0; round < 16; round += 1) {
      const ids = Array.from({ length: 16 }, (_, at) => 16 * round + at + 1);
      const calls = ids.map((id) => call('test_sampling', id));
      const cancels = ids.map((requestId) => ({
        jsonrpc: '2.0',
        method: 'notifications/cancelled',
        params: { requestId },
      }));
      expect((await send(call('test_simple_text', `before ${round}`), { session })).status).toBe(200);
      const body = JSON.stringify([...calls, ...cancels]);
      const asked = await fetch(url, { method: 'POST', headers: headersOf(ONE, session), body });
      expect(asked.status).toBe(200);
      await asked.body?.cancel();
    }
    expect((await send(call('test_simple_text', 'after'), { session })).status).toBe(404);
  });
});
