import { connect } from 'node:net';
import type { EventFilter, EventView, LedgerReader, Timer } from '@cairn/protocol';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { startHttpServer } from '../../src/http/server.ts';
import { createJsonRpc } from '../../src/rpc/json-rpc.ts';
import { chainMethods } from '../../src/rpc/ledger-methods.ts';
import { createWsEndpoint } from '../../src/rpc/ws-endpoint.ts';
import { aChain, aLog } from './parts.ts';

interface Message {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
  readonly method?: string;
  readonly params?: { readonly subscription: string; readonly event: EventView };
}

/** Counts the event streams that are open. */
function counted(ledger: LedgerReader) {
  const open = { count: 0 };
  async function* events(source: AsyncIterable<EventView>): AsyncGenerator<EventView> {
    open.count += 1;
    try {
      yield* source;
    } finally {
      open.count -= 1;
    }
  }
  return { open, ledger: { ...ledger, events: (filter?: EventFilter) => events(ledger.events(filter)) } };
}

async function aServer(options: { isRefused?: () => boolean; ledger?: LedgerReader; timer?: Timer } = {}) {
  const chain = await aChain();
  const log = aLog();
  const { open, ledger } = counted(options.ledger ?? chain.ledger);
  const methods = new Map(chainMethods(chain.ledger).map((method) => [method.name, method]));
  const endpoint = createWsEndpoint({
    rpc: createJsonRpc({ methods, log }),
    ledger,
    log,
    isRefused: options.isRefused ?? (() => false),
    ...(options.timer === undefined ? {} : { timer: options.timer }),
  });
  const server = await startHttpServer(
    { http: [], upgrade: endpoint.upgrade },
    { host: '127.0.0.1', port: 0 },
  );
  onTestFinished(async () => {
    await endpoint.close();
    await server[Symbol.asyncDispose]();
  });

  async function client() {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/ws`);
    const messages: Message[] = [];
    socket.on('message', (data) => messages.push(JSON.parse(String(data)) as Message));
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    onTestFinished(() => socket.terminate());
    let nextId = 0;
    async function call(method: string, params: unknown = {}): Promise<Message> {
      const id = ++nextId;
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
      return vi.waitFor(() => {
        const answer = messages.find((message) => message.id === id);
        if (answer === undefined) throw new Error(`no answer to ${method} yet`);
        return answer;
      });
    }
    const events = () => messages.flatMap(({ params }) => (params === undefined ? [] : [params]));
    return { socket, messages, call, events };
  }
  return { chain, log, open, port: server.port, client };
}

const heights = (events: readonly { event: EventView }[]) => events.map(({ event }) => event.height);
const COMMITTED = ['chain.committed'];

describe('/ws', () => {
  it('answers methods as /rpc does, also batches and what is no JSON', async () => {
    const { client } = await aServer();
    const { call, socket, messages } = await client();
    expect((await call('chain_status')).result).toMatchObject({ height: 0 });
    expect((await call('nope')).error).toMatchObject({ code: -32601 });
    socket.send('{');
    await vi.waitFor(() => expect(messages.at(-1)?.error).toMatchObject({ code: -32700 }));
  });

  it('tells new events in order to each subscription, until it is ended', async () => {
    const { chain, client, open } = await aServer();
    const { call, events } = await client();
    const one = (await call('chain_subscribe', { names: COMMITTED })).result;
    const other = (await call('chain_subscribe', { names: ['chain.*'] })).result;
    expect(one).not.toBe(other);
    await chain.blocks(3);
    await vi.waitFor(() => expect(events()).toHaveLength(6));
    for (const subscription of [one, other])
      expect(heights(events().filter((event) => event.subscription === subscription))).toEqual([1, 2, 3]);
    expect((await call('chain_unsubscribe', { subscription: one })).result).toBe(true);
    expect((await call('chain_unsubscribe', { subscription: one })).result).toBe(false);
    await chain.blocks(2);
    await vi.waitFor(() => expect(events()).toHaveLength(8));
    expect(
      events()
        .slice(6)
        .every(({ subscription }) => subscription === other),
    ).toBe(true);
    expect(open.count).toBe(1);
  });

  it('replays from a height and goes on without a gap', async () => {
    const { chain, client } = await aServer();
    await chain.blocks(4);
    const { call, events } = await client();
    await call('chain_subscribe', { names: COMMITTED, from: 2 });
    await chain.blocks(2);
    await vi.waitFor(() => expect(heights(events())).toEqual([2, 3, 4, 5, 6]));
  });

  it.each<[string, unknown]>([
    ['names that are no list', { names: 'all' }],
    ['too many names', { names: Array.from({ length: 51 }, () => 'a') }],
    ['a name that is no text', { names: [1] }],
    ['a negative height', { from: -1 }],
    ['a height that is text', { from: '1' }],
    ['a parameter it does not know', { form: 1 }],
    ['parameters by position', [1]],
    ['a height that is not there', { from: 99 }],
    ['height zero', { from: 0 }],
  ])('refuses %s and keeps the connection', async (_, params) => {
    const { client, open } = await aServer();
    const { call } = await client();
    expect((await call('chain_subscribe', params)).error?.code).toBeLessThan(-31_999);
    expect(open.count).toBe(0);
    expect((await call('chain_status')).result).toMatchObject({ height: 0 });
  });

  it('has at most 16 subscriptions on a connection', async () => {
    const { client } = await aServer();
    const { call } = await client();
    for (let index = 0; index < 16; index++)
      expect((await call('chain_subscribe')).result).toBe(String(index + 1));
    expect((await call('chain_subscribe')).error).toMatchObject({ message: expect.stringContaining('16') });
    await call('chain_unsubscribe', { subscription: '3' });
    expect((await call('chain_subscribe')).result).toBe('17');
  });

  it('ends the subscriptions of a client that is gone', async () => {
    const { chain, client, open } = await aServer();
    const { call, socket } = await client();
    for (let index = 0; index < 5; index++) await call('chain_subscribe');
    await vi.waitFor(() => expect(open.count).toBe(5));
    socket.terminate();
    await vi.waitFor(() => expect(open.count).toBe(0));
    await chain.blocks(1);
  });

  it('reads for a slow client at its pace and cuts it when it stands still', async () => {
    const chain = await aChain();
    let given = 0;
    let isEnded = false;
    const ledger: LedgerReader = {
      ...chain.ledger,
      async *events(filter) {
        const event: EventView = {
          name: 'a.b',
          height: 1,
          transaction: null,
          data: { text: 'x'.repeat(64 * 1024) },
        };
        try {
          for (; filter?.signal?.aborted !== true && given < 100_000; given++) yield event;
        } finally {
          isEnded = true;
        }
      },
    };
    const stalls: (() => void | Promise<void>)[] = [];
    const timer: Timer = {
      schedule(_, action) {
        stalls.push(action);
        return () => void stalls.splice(stalls.indexOf(action), 1);
      },
    };
    const { client } = await aServer({ ledger, timer });
    const { socket } = await client();
    socket.pause();
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'chain_subscribe' }));
    let before = -1;
    await vi.waitFor(
      () => {
        const isStill = given === before && stalls.length > 0;
        before = given;
        if (!isStill) throw new Error('still sending');
      },
      { timeout: 10_000, interval: 100 },
    );
    expect(given).toBeLessThan(1_000);
    for (const stall of stalls) await stall();
    await vi.waitFor(() => expect(isEnded).toBe(true));
    // What was cut is read no further.
    expect(given).toBeLessThan(1_000);
  });

  it('refuses whom the control refuses, other paths, and survives clients that reset', async () => {
    const { client, port } = await aServer({ isRefused: () => true });
    await expect(client()).rejects.toThrow('403');
    const other = new WebSocket(`ws://127.0.0.1:${port}/other`);
    await expect(new Promise((_, reject) => other.once('error', reject))).rejects.toThrow('404');
    for (let index = 0; index < 20; index++) {
      const socket = connect(port, '127.0.0.1');
      await new Promise((resolve) => socket.once('connect', resolve));
      socket.write('GET /ws HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n');
      socket.resetAndDestroy();
    }
    await expect(client()).rejects.toThrow('403');
  });
});
