import { createX402Scheme } from '@cairn/sdk';
import { x402Client } from '@x402/core/client';
import { PaymentRequiredV2Schema } from '@x402/core/schemas';
import { describe, expect, it, onTestFinished } from 'vitest';
import { anHttpTown } from '../packages/node/test/miner/http-town.ts';
import { aRecordStore } from '../packages/node/test/miner/parts.ts';
import { Client, StreamableHTTPClientTransport } from './support/stock-clients.ts';
import { aBuyer, strangerFetch } from './support/x402-buyer.ts';

const ASK = { model: 'cairn/echo', prompt: 'one two three', max_tokens: 8 };
const PAYMENT = 'x402/payment';
const SETTLED = 'x402/payment-response';

interface Result {
  readonly isError?: boolean;
  readonly content: readonly { readonly text: string }[];
  readonly structuredContent?: Readonly<Record<string, unknown>>;
  readonly _meta?: Readonly<Record<string, unknown>>;
}

/** The stock client of the Model Context Protocol, without a key, and the stock client of x402 with a wallet. */
async function aStranger(sells = true) {
  const town = await anHttpTown(sells ? { x402: aRecordStore() } : {});
  onTestFinished(() => town[Symbol.asyncDispose]());
  const client = new Client({ name: 'test', version: '1' });
  const transport = new StreamableHTTPClientTransport(new URL('http://gateway.example/mcp'), {
    fetch: strangerFetch(town) as never,
  });
  const connect = () => client.connect(transport);
  onTestFinished(() => client.close());
  const buyer = aBuyer(town);
  const scheme = createX402Scheme(buyer.wallet, 'upto');
  const payer = new x402Client()
    .setSpendControls(false)
    .register(buyer.wallet.network as never, scheme as never);
  const call = async (fields: object = ASK, meta: object = {}): Promise<Result> =>
    (await client.callTool({ name: 'ask', arguments: { ...fields }, _meta: { ...meta } })) as never;
  /** Pays what the tool asks for, by the stock client, and asks again. */
  async function payAndCall(fields: object = ASK) {
    const required = PaymentRequiredV2Schema.parse((await call(fields)).structuredContent);
    const payment = await payer.createPaymentPayload(required as never);
    const result = await call(fields, { [PAYMENT]: payment });
    return { required, payment, result, again: () => call(fields, { [PAYMENT]: payment }) };
  }
  return { town, client, connect, call, payAndCall, ...buyer };
}

describe('a tool of the Model Context Protocol, called without a key', () => {
  it('is shown with what strangers may use, and nothing that spends the gateway’s money', async () => {
    const { client, connect } = await aStranger();
    await connect();
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['search_models', 'ask']);
    const found = await client.callTool({ name: 'search_models', arguments: {} });
    expect(found.structuredContent).toMatchObject({ models: [{ model: 'cairn/echo' }] });
    for (const name of ['pay', 'balance', 'deploy'])
      await expect(client.callTool({ name, arguments: {} })).rejects.toThrow(/not found/i);
    await expect(client.readResource({ uri: 'cairn://receipts' })).rejects.toThrow();
  });

  it('says what it costs before it asks anybody', async () => {
    const { town, connect, call } = await aStranger();
    await connect();
    const { isError, structuredContent, content } = await call();
    expect(isError).toBe(true);
    expect(JSON.parse(content[0]!.text)).toEqual(structuredContent);
    const required = PaymentRequiredV2Schema.parse(structuredContent);
    expect(required.resource?.url).toBe('mcp://tool/ask');
    expect(required.accepts.map(({ scheme }) => scheme)).toEqual(['upto', 'batch-settlement']);
    expect(town.payer.channels()).toEqual([]);
  });

  it('is answered for a payment, charged what it came to, and says so', async () => {
    const { town, connect, payAndCall } = await aStranger();
    await connect();
    const { required, result } = await payAndCall();
    expect(result.isError ?? false).toBe(false);
    expect(result.structuredContent).toMatchObject({ answer: 'one two three' });
    const settled = result._meta?.[SETTLED] as { amount: string; success: boolean };
    expect(settled.success).toBe(true);
    const paid = town.payer.channels()[0]!.settled;
    expect(BigInt(settled.amount)).toBe((paid * 10_500n + 9_999n) / 10_000n);
    expect(BigInt(settled.amount)).toBeLessThanOrEqual(BigInt(required.accepts[0]!.amount));
  });

  it('charges a payment once, however often it is sent, and takes it for nothing else', async () => {
    const { town, connect, payAndCall, call } = await aStranger();
    await connect();
    const { payment, result, again } = await payAndCall();
    const settled = town.payer.channels()[0]!.settled;
    const second = await again();
    expect(second.structuredContent).toMatchObject({ answer: 'one two three', replayed: true });
    expect(second._meta?.[SETTLED]).toMatchObject(result._meta?.[SETTLED] as object);
    const other = await call({ ...ASK, prompt: 'something else' }, { [PAYMENT]: payment });
    expect(other.isError).toBe(true);
    expect(town.payer.channels()[0]!.settled).toBe(settled);
  });

  it('charges nothing for a question that cannot be answered', async () => {
    const { connect, payAndCall, call } = await aStranger();
    await connect();
    expect((await call({ ...ASK, model: 'cairn/nobody' })).content[0]?.text).toContain('model_not_found');
    const { payment } = await payAndCall();
    const broken = { ...payment, accepted: { ...payment.accepted, payTo: 'cairn1somebody' } };
    const refused = await call(ASK, { [PAYMENT]: broken });
    expect(refused.isError).toBe(true);
    expect(PaymentRequiredV2Schema.parse(refused.structuredContent).error).toContain('payTo');
    for (const garbage of [1, 'free', {}, { x402Version: 2, accepted: {}, payload: {} }])
      expect((await call(ASK, { [PAYMENT]: garbage })).isError).toBe(true);
  });

  it('does not exist where nothing is sold', async () => {
    const { connect } = await aStranger(false);
    await expect(connect()).rejects.toThrow();
  });
});
