import { type Amount, accountIdToAddress, PEBBLES_PER_CAIRN } from '@cairn/core';
import type { AgentPorts, PaymentOutcome } from '@cairn/gateway';

import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { anHttpTown, type HttpOptions } from '../packages/node/test/miner/http-town.ts';
import { Client, StreamableHTTPClientTransport } from './support/stock-clients.ts';

const THERE = accountIdToAddress(new Uint8Array(32).fill(9));
const KEY = 'sk-cairn-a-long-key';

interface Told {
  readonly text: string;
  readonly isError: boolean;
  readonly value: Readonly<Record<string, never>>;
}

/** A gateway with the stock client connected to it. */
async function anAgent(options: Parameters<typeof anHttpTown>[0] = {}, headers: HttpOptions['headers'] = {}) {
  const town = await anHttpTown(options);
  onTestFinished(() => town[Symbol.asyncDispose]());
  const client = new Client({ name: 'test', version: '1' });
  const url = new URL(`http://127.0.0.1:${town.port}/mcp`);
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers: { ...headers } } }));
  onTestFinished(() => client.close());
  const call = async (name: string, fields: object = {}): Promise<Told> => {
    const { content, isError, structuredContent } = await client.callTool({
      name,
      arguments: { ...fields },
    });
    const [first] = content as { readonly text: string }[];
    return { text: first?.text ?? '', isError: isError === true, value: (structuredContent ?? {}) as never };
  };
  const read = async (uri: string) => {
    const { contents } = await client.readResource({ uri });
    return JSON.parse((contents[0] as { readonly text: string }).text);
  };
  return { town, client, call, read };
}

/** A wallet that writes down what it sends. */
function aWallet(outcome: PaymentOutcome = { ok: true, transaction: 'ab' }) {
  const sent: Amount[] = [];
  const agent: AgentPorts = {
    wallet: async () => ({
      address: THERE,
      owner: THERE,
      spendable: 7n * PEBBLES_PER_CAIRN,
      allowance: { perCall: PEBBLES_PER_CAIRN, left: 3n * PEBBLES_PER_CAIRN },
    }),
    pay: async (_, amount) => {
      sent.push(amount);
      return outcome;
    },
  };
  return { agent, sent };
}

const ASK = { model: 'cairn/echo', prompt: 'one two three' };

describe('the gateway as a server of the Model Context Protocol', () => {
  it('offers its tools and resources to the stock client', async () => {
    const { client } = await anAgent();
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['search_models', 'ask', 'pay', 'balance', 'deploy']);
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).toEqual(['cairn://models', 'cairn://receipts', 'cairn://usage']);
  });

  it('finds models by words, price and work', async () => {
    const { call } = await anAgent();
    const names = async (fields: object) => {
      const { models } = (await call('search_models', fields)).value as {
        models?: { readonly model: string }[];
      };
      return models?.map(({ model }) => model);
    };
    expect(await names({ query: 'again' })).toEqual(['cairn/echo']);
    expect(await names({ query: 'weather' })).toEqual([]);
    expect(await names({ max_price: '0' })).toEqual([]);
    expect(await names({ task: 'embed' })).toEqual([]);
    expect(await names({ licence: 'Apache-2.0', min_context: 128 })).toEqual(['cairn/echo']);
    const { text, isError } = await call('search_models', { max_price: 'much' });
    expect([isError, text.split(':')[0]]).toEqual([true, 'AMOUNT_MALFORMED']);
  });

  it('says who could read what is asked of each model, where it finds and lists them', async () => {
    const { call, read } = await anAgent({ privacy: 'L1' });
    const { models } = (await call('search_models')).value as { models?: object[] };
    const privacy = {
      best: 'L1',
      readers: expect.stringMatching(/the host/),
      providers: { L0: 0, L1: 1, L2: 0 },
    };
    expect(models).toMatchObject([{ privacy }]);
    expect((await read('cairn://models')).data[0].cairn).toMatchObject({ privacy });
  });

  it('asks a model, pays its provider once for a key, and shows the receipt', async () => {
    const { town, call, read } = await anAgent();
    const first = await call('ask', { ...ASK, key: 'one' });
    expect(first.value).toMatchObject({ answer: 'one two three', model: 'cairn/echo', finishReason: 'stop' });
    const again = await call('ask', { ...ASK, key: 'one' });
    expect(again.value).toEqual({ ...first.value, replayed: true });
    expect(town.gateway.usage('local').answers).toBe(1);
    const other = await call('ask', { ...ASK, prompt: 'four', key: 'one' });
    expect([other.isError, other.text.split(':')[0]]).toEqual([true, 'idempotency_key_reused']);
    const { data } = await read('cairn://receipts');
    expect(data).toEqual([{ id: first.value.receipt, cost: first.value.cost }]);
    expect((await read(`cairn://receipts/${data[0].id}`)).cost).toBe(first.value.cost);
    expect(await read('cairn://usage')).toMatchObject({ answers: 1, spent: first.value.cost });
    expect((await read('cairn://models')).data[0].id).toBe('cairn/echo');
  });

  it('finishes a named question whose client left without a session, and tells its name the answer', async () => {
    const asked = Promise.withResolvers<void>();
    const hasLeft = Promise.withResolvers<void>();
    const beforeToken = async (token: number) => {
      if (token !== 2) return;
      asked.resolve();
      await hasLeft.promise;
    };
    const { town, call } = await anAgent({ echo: { beforeToken } });
    const leaving = new AbortController();
    const question = { ...ASK, key: 'left' };
    const params = { name: 'ask', arguments: question };
    const left = fetch(`http://127.0.0.1:${town.port}/mcp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
      signal: leaving.signal,
    }).then((response) => response.text());
    await asked.promise;
    leaving.abort();
    await expect(left).rejects.toThrow();
    // Until the server has seen it too.
    await new Promise((resolve) => setTimeout(resolve, 20));
    hasLeft.resolve();
    while (town.gateway.usage('local').answers === 0) await new Promise((resolve) => setImmediate(resolve));
    expect((await call('ask', question)).value).toMatchObject({ answer: 'one two three', replayed: true });
    expect(town.gateway.usage('local').answers).toBe(1);
  });

  it('keeps no half of an answer that was cancelled under its name', async () => {
    const asked = Promise.withResolvers<void>();
    const isCancelled = Promise.withResolvers<void>();
    const beforeToken = async (token: number) => {
      if (token !== 2) return;
      asked.resolve();
      await isCancelled.promise;
    };
    const { town, client, call } = await anAgent({ echo: { beforeToken } });
    const cancel = new AbortController();
    const question = { ...ASK, key: 'cancelled' };
    const cut = client.callTool({ name: 'ask', arguments: question }, { signal: cancel.signal });
    await asked.promise;
    cancel.abort();
    await expect(cut).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 20));
    isCancelled.resolve();
    while (town.gateway.usage('local').answers === 0) await new Promise((resolve) => setImmediate(resolve));
    const again = await call('ask', question);
    expect([again.isError, again.text.split(':')[0]]).toEqual([true, 'idempotency_answer_gone']);
  });

  it('refuses an answer that may cost more than was offered, and a model that is not there', async () => {
    const { town, call } = await anAgent();
    const dear = await call('ask', { ...ASK, max_cost: '0.000000001' });
    expect([dear.isError, dear.text]).toEqual([true, expect.stringContaining('were offered for it')]);
    const gone = await call('ask', { ...ASK, model: 'cairn/nothing' });
    expect([gone.isError, gone.text.split(':')[0]]).toEqual([true, 'model_not_found']);
    expect(town.gateway.usage('local')).toMatchObject({ spent: 0n, held: 0n, answers: 0 });
  });

  it('sends money once for a key, within the meter', async () => {
    const { agent, sent } = aWallet();
    const { town, call } = await anAgent({
      agent,
      gateway: { meter: { dailyLimit: PEBBLES_PER_CAIRN } },
    });
    const pay = (amount: string, key: string) => call('pay', { to: THERE, amount, key });
    expect((await pay('0.6', 'a')).value).toEqual({ paid: '0.6', to: THERE, transaction: 'ab' });
    expect((await pay('0.6', 'a')).value).toMatchObject({ transaction: 'ab', replayed: true });
    const over = await pay('0.6', 'b');
    expect([over.isError, over.text.split(':')[0]]).toEqual([true, 'budget_exceeded']);
    expect((await pay('0.5', 'a')).text.split(':')[0]).toBe('idempotency_key_reused');
    expect((await call('pay', { to: 'cairn1no', amount: '0.1', key: 'c' })).text.split(':')[0]).toBe(
      'ADDRESS_MALFORMED',
    );
    expect(sent).toEqual([600_000_000n]);
    expect(town.gateway.usage('local')).toMatchObject({ spent: 600_000_000n, held: 0n });
    expect((await call('balance')).value).toMatchObject({
      wallet: { spendable: '7', mostPerPayment: '1', leftOfCap: '3' },
      today: { spent: '0.6' },
      pays: true,
      deploys: false,
    });
  });

  it('never pays again under a key whose payment may still happen', async () => {
    const { agent, sent } = aWallet({ ok: false, reason: 'No block had it in time.', mayHappen: true });
    const { town, call } = await anAgent({ agent });
    const pay = () => call('pay', { to: THERE, amount: '0.1', key: 'a' });
    expect((await pay()).value).toMatchObject({
      paid: null,
      warning: expect.stringContaining('may still happen'),
    });
    expect((await pay()).value).toMatchObject({ paid: null, replayed: true });
    expect(sent.length).toBe(1);
    expect(town.gateway.usage('local').spent).toBe(100_000_000n);
  });

  it('lets a refused payment be tried again', async () => {
    const { agent, sent } = aWallet({ ok: false, reason: 'The cap is used up.', mayHappen: false });
    const { town, call } = await anAgent({ agent });
    const pay = () => call('pay', { to: THERE, amount: '0.1', key: 'a' });
    for (const _ of [1, 2]) expect((await pay()).text).toBe('payment_failed: The cap is used up.');
    expect(sent.length).toBe(2);
    expect(town.gateway.usage('local')).toMatchObject({ spent: 0n, held: 0n });
  });

  it('says clearly what it does not do', async () => {
    const { call } = await anAgent();
    const pay = await call('pay', { to: THERE, amount: '1', key: 'a' });
    expect(pay.text).toContain('payments_not_allowed');
    const deploy = await call('deploy', { kind: 'function', source: 'x', budget: '1', key: 'a' });
    expect([deploy.isError, deploy.text.split(':')[0]]).toEqual([true, 'deploy_not_available']);
  });

  it('deploys within a budget, which the meter holds', async () => {
    const orders: unknown[] = [];
    const agent: AgentPorts = {
      deploy: async (order) => {
        orders.push(order);
        return { ok: true, deployment: 'd1', cost: 5n };
      },
    };
    const { town, call } = await anAgent({ agent });
    const order = { kind: 'function', source: 'export {}', budget: '0.5', key: 'a' };
    for (const _ of [1, 2])
      expect((await call('deploy', order)).value).toMatchObject({ deployment: 'd1', cost: '0.000000005' });
    expect(orders).toEqual([{ kind: 'function', source: 'export {}', budget: 500_000_000n }]);
    expect(town.gateway.usage('local').spent).toBe(5n);
  });

  it('pays a provider for each question of a session, not once for all', async () => {
    const { town, call } = await anAgent();
    const answers = [await call('ask', ASK), await call('ask', { ...ASK, prompt: 'four five' })];
    expect(answers.map(({ value }) => (value as { answer?: string }).answer)).toEqual([
      'one two three',
      'four five',
    ]);
    expect(town.gateway.usage('local').answers).toBe(2);
  });

  it('tells a client that subscribed of a change, and again once it read', async () => {
    const { client, call, read } = await anAgent();
    const told: string[] = [];
    const changed = (count: number) => vi.waitFor(() => expect(told.length).toBe(count), { timeout: 20_000 });
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
      told.push(params.uri);
    });
    await expect(client.subscribeResource({ uri: 'cairn://models' })).rejects.toThrow('tell of changes');
    await client.subscribeResource({ uri: 'cairn://usage' });
    await call('ask', ASK);
    await changed(1);
    await call('ask', ASK);
    expect(await read('cairn://usage')).toMatchObject({ answers: 2 });
    await call('ask', ASK);
    await changed(2);
    expect(told).toEqual(['cairn://usage', 'cairn://usage']);
    await client.unsubscribeResource({ uri: 'cairn://usage' });
  });

  it('keeps callers with keys apart', async () => {
    const { call, town } = await anAgent({ gateway: { keys: [KEY] } }, { authorization: `Bearer ${KEY}` });
    await call('ask', ASK);
    expect(town.gateway.usage('local').answers).toBe(0);
    expect((await call('balance')).value).toMatchObject({ today: { answers: 1 } });
  });
});

describe('who may use the Model Context Protocol here', () => {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
  const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const post = async (headers: Record<string, string>, text = body) => {
    await using town = await anHttpTown();
    return await town.fetchText('/mcp', { method: 'POST', headers, body: text });
  };

  it('refuses names that were rebound, pages of other sites, and forms', async () => {
    const cases: [number, Record<string, string>][] = [
      [403, { ...json, host: 'evil.example' }],
      [403, { ...json, origin: 'https://evil.example' }],
      [403, { ...json, 'sec-fetch-site': 'cross-site' }],
      [415, { ...json, 'content-type': 'text/plain' }],
    ];
    for (const [status, headers] of cases) {
      const answer = await post(headers);
      expect(answer.status, JSON.stringify(headers)).toBe(status);
      expect(JSON.parse(answer.text)).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: -32000 } });
    }
  });

  it('answers what is no request of the protocol without falling over', async () => {
    for (const text of ['', '{', '[]', 'null', '{"jsonrpc":"2.0"}', JSON.stringify([1, 2]), '"x"']) {
      const { status } = await post(json, text);
      expect(status, text).toBeGreaterThanOrEqual(400);
      expect(status, text).toBeLessThan(500);
    }
    const large = await post(json, `"${'x'.repeat(1024 * 1024)}"`);
    expect(large.status).toBe(413);
    await using town = await anHttpTown();
    expect((await town.get('/mcp', { accept: 'text/event-stream' })).status).toBe(405);
    expect((await town.fetchText('/mcp', { method: 'PUT', body: '{}', headers: json })).status).toBe(405);
  });
});
