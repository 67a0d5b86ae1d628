import { describe, expect, it, onTestFinished } from 'vitest';
import { anHttpTown } from '../packages/node/test/miner/http-town.ts';
import { ClientFactory } from './support/stock-clients.ts';

async function anAgent(options: Parameters<typeof anHttpTown>[0] = {}) {
  const town = await anHttpTown(options);
  onTestFinished(() => town[Symbol.asyncDispose]());
  const client = await new ClientFactory().createFromUrl(`http://127.0.0.1:${town.port}`);
  const rpc = async (body: unknown) => {
    const answer = await town.post('/a2a', body);
    return { status: answer.status, ...JSON.parse(answer.text) };
  };
  return { town, client, rpc };
}

/** A message as the stock client takes it. */
const aMessage = (text: string, messageId: string, metadata?: Record<string, unknown>) => ({
  tenant: '',
  message: {
    messageId,
    contextId: 'talk',
    taskId: '',
    role: 1 as const,
    parts: [
      { content: { $case: 'text' as const, value: text }, metadata: undefined, filename: '', mediaType: '' },
    ],
    metadata,
    extensions: [],
    referenceTaskIds: [],
  },
  configuration: undefined,
  metadata: undefined,
});

describe('the gateway as an agent for other agents', () => {
  it('is read, asked and paid by the stock client, once for each message', async () => {
    const { town, client } = await anAgent();
    const card = await client.getAgentCard();
    expect(card.skills.map(({ id }) => id)).toEqual(['cairn/echo']);
    expect(card.supportedInterfaces[0]).toMatchObject({ protocolBinding: 'JSONRPC', protocolVersion: '1.0' });
    const ask = () => client.sendMessage(aMessage('one two three', 'm1'));
    for (const _ of [1, 2]) {
      expect(await ask()).toMatchObject({
        contextId: 'talk',
        parts: [{ content: { $case: 'text', value: 'one two three' } }],
        metadata: { cairn: { model: 'cairn/echo', receipt: expect.stringMatching(/^[0-9a-f]{64}$/) } },
      });
    }
    expect(town.gateway.usage('local').answers).toBe(1);
  });

  it('finishes a message whose client left, which gets the answer when it comes back', async () => {
    const asked = Promise.withResolvers<void>();
    const hasLeft = Promise.withResolvers<void>();
    const beforeToken = async (token: number) => {
      if (token !== 2) return;
      asked.resolve();
      await hasLeft.promise;
    };
    const { town, client } = await anAgent({ echo: { beforeToken } });
    const leaving = new AbortController();
    const text = 'one two three four';
    const params = { message: { messageId: 'm1', role: 'ROLE_USER', parts: [{ text }] } };
    const left = fetch(`http://127.0.0.1:${town.port}/a2a`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'SendMessage', params }),
      signal: leaving.signal,
    });
    await asked.promise;
    leaving.abort();
    await expect(left).rejects.toThrow();
    // Until the server has seen it too.
    await new Promise((resolve) => setTimeout(resolve, 20));
    hasLeft.resolve();
    while (town.gateway.usage('local').answers === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(await client.sendMessage(aMessage(text, 'm1'))).toMatchObject({
      parts: [{ content: { $case: 'text', value: text } }],
    });
    expect(town.gateway.usage('local').answers).toBe(1);
  });

  it('asks the model that the metadata names, and says when there is none', async () => {
    const { client } = await anAgent();
    const named = await client.sendMessage(aMessage('hi', 'm1', { model: 'cairn/echo:f16' }));
    expect(named).toMatchObject({ metadata: { cairn: { model: 'cairn/echo:f16' } } });
    await expect(client.sendMessage(aMessage('hi', 'm2', { model: 'cairn/gone' }))).rejects.toThrow(
      'cairn/gone',
    );
  });

  it('answers in the form of the version before too', async () => {
    const { rpc } = await anAgent();
    const params = {
      message: { kind: 'message', messageId: 'm1', role: 'user', parts: [{ kind: 'text', text: 'hello' }] },
    };
    expect(await rpc({ jsonrpc: '2.0', id: 7, method: 'message/send', params })).toMatchObject({
      id: 7,
      result: { kind: 'message', role: 'agent', parts: [{ kind: 'text', text: 'hello' }] },
    });
  });

  it('says what is wrong with a request, in the words of JSON-RPC', async () => {
    const { town, rpc } = await anAgent();
    const send = (params: unknown) => rpc({ jsonrpc: '2.0', id: 1, method: 'SendMessage', params });
    expect((await rpc({ id: 1 })).error.code).toBe(-32600);
    expect((await rpc({ jsonrpc: '2.0', id: 1, method: 'GetTask' })).error.code).toBe(-32601);
    const wrong = [
      undefined,
      {},
      { message: {} },
      { message: { messageId: 'a', parts: [] } },
      { message: { messageId: 'a', parts: [{ data: 1 }] } },
      { message: { messageId: 'a', parts: [null] } },
      { message: { messageId: 'a'.repeat(200), parts: [{ text: 'x' }] } },
      { message: { messageId: 'a', parts: [{ text: 'x' }], metadata: { model: 7 } } },
      { message: { messageId: 'a', parts: [{ text: 'x' }], metadata: { maxTokens: 'many' } } },
    ];
    for (const params of wrong) {
      expect((await send(params)).error?.code, JSON.stringify(params)).toBe(-32602);
    }
    expect(town.payer.channels()).toEqual([]);
    const elsewhere = await town.fetchText('/a2a', {
      method: 'POST',
      headers: { 'content-type': 'application/json', host: 'evil.example' },
      body: '{}',
    });
    expect(elsewhere.status).toBe(403);
  });
});
