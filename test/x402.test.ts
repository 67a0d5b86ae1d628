import { accountIdToAddress } from '@cairn/core';
import { createX402Scheme, decodeX402, encodeX402, type X402Scheme } from '@cairn/sdk';
import { x402Client } from '@x402/core/client';
import { HTTPFacilitatorClient, x402HTTPClient } from '@x402/core/http';
import { PaymentRequiredV2Schema } from '@x402/core/schemas';
import { describe, expect, it, onTestFinished } from 'vitest';
import { anHttpTown } from '../packages/node/test/miner/http-town.ts';
import { aRecordStore } from '../packages/node/test/miner/parts.ts';
import { aBuyer, strangerFetch } from './support/x402-buyer.ts';

async function aShop() {
  const records = aRecordStore();
  const town = await anHttpTown({ x402: records });
  onTestFinished(() => town[Symbol.asyncDispose]());
  return { town, records };
}

type Shop = Awaited<ReturnType<typeof aShop>>['town'];

/** What the gateway was paid on the ledger. */
const claimedOf = ({ ledger, hub }: Shop) =>
  [...ledger.channels.values()]
    .filter(({ payee }) => accountIdToAddress(payee) === accountIdToAddress(hub.account))
    .map(({ claimed }) => claimed);
const read = (response: Response, name: string) => decodeX402(response.headers.get(name) ?? '');
const textOf = async (response: Response) =>
  ((await response.json()) as { choices: { message: { content: string } }[] }).choices[0]?.message.content;

describe('a gateway that sells to callers without a key', () => {
  it('asks for a payment that covers the request, by both schemes', async () => {
    const { town } = await aShop();
    const first = await strangerFetch(town)('http://gateway.example/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'cairn/echo',
        messages: [{ role: 'user', content: 'hi' }],
        max_tokens: 8,
      }),
    });
    expect(first.status).toBe(402);
    const required = read(first, 'payment-required') as { accepts: Record<string, unknown>[] };
    expect(required).toMatchObject({
      x402Version: 2,
      resource: { url: 'http://gateway.example/v1/chat/completions' },
    });
    expect(required.accepts.map(({ scheme }) => scheme)).toEqual(['upto', 'batch-settlement']);
    expect(required.accepts[0]).toMatchObject({
      network: expect.stringMatching(/^cairn:[0-9a-f]{32}$/),
      payTo: accountIdToAddress(town.hub.account),
      amount: expect.stringMatching(/^[1-9]\d*$/),
    });
    expect(BigInt(String(required.accepts[0]?.amount))).toBeLessThan(10_000n);
  });

  it('shows what there is for nothing, and keeps the rest for keys', async () => {
    const { town } = await aShop();
    const ask = strangerFetch(town);
    expect((await ask('http://gateway.example/v1/models')).status).toBe(200);
    expect((await ask('http://gateway.example/x402/supported')).status).toBe(200);
    expect((await ask('http://gateway.example/v1/files')).status).toBe(401);
    await using closed = await anHttpTown();
    const refused = await strangerFetch(closed)('http://gateway.example/v1/models');
    expect(refused.status).toBe(403);
    expect((await closed.get('/x402/supported')).status).toBe(404);
  });

  it('charges what the answer came to with its margin, and is paid exactly that', async () => {
    const { town } = await aShop();
    const { ask, paying, wallet } = aBuyer(town);
    const response = await ask();
    expect([response.status, await textOf(response)]).toEqual([200, 'one two three']);
    const told = read(response, 'payment-response');
    expect(told).toMatchObject({ success: true, extra: { state: 'charged' } });
    expect(wallet.spent).toBe(BigInt(String(told?.amount)));
    const paidToProvider = town.payer.channels()[0]!.settled;
    expect(wallet.spent).toBe((paidToProvider * 10_500n + 9_999n) / 10_000n);
    await paying.settle('http://gateway.example');
    await town.gateway.claimPayments();
    expect(claimedOf(town)).toEqual([wallet.spent]);
  });

  it('goes on through one channel, and settles each answer with the next', async () => {
    const { town } = await aShop();
    const { ask, paying, wallet } = aBuyer(town);
    for (const text of ['one', 'one two', 'one two three']) expect(await textOf(await ask(text))).toBe(text);
    expect(claimedOf(town)).toEqual([0n]);
    await town.gateway.claimPayments();
    const [claimed] = claimedOf(town);
    expect(claimed).toBeGreaterThan(0n);
    expect(claimed).toBeLessThan(wallet.spent);
    await paying.settle('http://gateway.example');
    await town.gateway.claimPayments();
    expect(claimedOf(town)).toEqual([wallet.spent]);
  });

  it('takes what was signed for from a payer that never settles, when its time is over', async () => {
    const { town } = await aShop();
    const { ask, wallet } = aBuyer(town);
    await ask();
    await town.gateway.claimPayments();
    expect(claimedOf(town)).toEqual([0n]);
    town.clock.advance(600_000);
    await town.gateway.claimPayments();
    const [claimed] = claimedOf(town);
    expect(claimed).toBeGreaterThanOrEqual(wallet.spent);
    // What was taken too much is still there to spend.
    expect(await textOf(await ask())).toBe('one two three');
  });

  it('answers a payment that is sent again from memory, and charges it once', async () => {
    const { town } = await aShop();
    const sent: [string, RequestInit][] = [];
    const recording: typeof fetch = (url, init = {}) => {
      sent.push([String(url), init]);
      return strangerFetch(town)(url, init);
    };
    const { ask, wallet } = aBuyer(town, {}, { fetch: recording });
    const first = await textOf(await ask());
    const settled = town.payer.channels()[0]!.settled;
    const [url, init] = sent.at(-1)!;
    const again = await strangerFetch(town)(url, init);
    expect([again.status, again.headers.get('x-cairn-replayed')]).toEqual([200, 'true']);
    expect(await textOf(again)).toBe(first);
    expect(read(again, 'payment-response')).toMatchObject({ amount: wallet.spent.toString() });
    expect(town.payer.channels()[0]!.settled).toBe(settled);
    const other = await strangerFetch(town)(url, { ...init, body: String(init.body).replace('one', 'two') });
    expect(other.status).toBe(422);
  });

  it('gets the answer when the connection broke after it was paid', async () => {
    const { town } = await aShop();
    let breaks = 1;
    const broken: typeof fetch = async (url, init = {}) => {
      const response = await strangerFetch(town)(url, init);
      if (new Headers(init.headers).has('payment-signature') && breaks-- > 0) throw new Error('reset');
      return response;
    };
    const { ask, wallet } = aBuyer(town, {}, { fetch: broken });
    expect(await textOf(await ask())).toBe('one two three');
    expect(wallet.spent).toBe((town.payer.channels()[0]!.settled * 10_500n + 9_999n) / 10_000n);
  });

  it('streams, holds what was signed for, and learns with the next payment what it came to', async () => {
    const { town } = await aShop();
    const { ask, paying, wallet } = aBuyer(town);
    const stream = await ask('one two', { stream: true });
    expect(await stream.text()).toContain('[DONE]');
    const held = read(stream, 'payment-response');
    expect(held).toMatchObject({ extra: { state: 'held' } });
    expect(wallet.spent).toBe(BigInt(String(held?.amount)));
    expect(await textOf(await ask())).toBe('one two three');
    await paying.settle('http://gateway.example');
    await town.gateway.claimPayments();
    expect(claimedOf(town)).toEqual([wallet.spent]);
  });

  it('charges nothing for an answer that failed', async () => {
    const { town } = await aShop();
    const { ask, wallet } = aBuyer(town);
    const failed = await ask('hi', { model: 'cairn/nothing' });
    expect([failed.status, wallet.spent]).toEqual([404, 0n]);
    expect(failed.headers.get('payment-required')).toBeNull();
  });
});

describe('a buyer within a budget', () => {
  it('binds no more than the budget in channels, whoever asks for payments to ever new accounts', async () => {
    const { town } = await aShop();
    const { wallet } = aBuyer(town, { budget: 1_000n, deposit: 1_000_000n });
    const payTo = (account: number) => accountIdToAddress(new Uint8Array(32).fill(account));
    const pay = (account: number) =>
      wallet.pay({
        ...{ scheme: 'upto', network: wallet.network, asset: 'CAIRN', amount: '1', maxTimeoutSeconds: 60 },
        ...{ payTo: payTo(account), extra: { netuid: 1 } },
      });
    let code: unknown = null;
    for (let account = 1; account < 100 && code === null; account += 1)
      await pay(account).catch((error: unknown) => {
        code = (error as { code?: unknown }).code;
      });
    expect(code).toBe('BUDGET_EXCEEDED');
    const bound = [...town.ledger.channels.values()].reduce((sum, { deposited }) => sum + deposited, 0n);
    expect(bound).toBeLessThanOrEqual(1_000n);
  });

  it('is stopped by the budget before it signs', async () => {
    const { town } = await aShop();
    const { ask, wallet } = aBuyer(town, { budget: 200n });
    await expect(ask()).rejects.toMatchObject({ problem: { code: 'BUDGET_EXCEEDED' } });
    expect(wallet.spent).toBe(0n);
    expect(town.ledger.channels.size).toBe(0);
  });

  it('pays no gateway that asks for more than it was offered, or charges more than was signed for', async () => {
    const { town } = await aShop();
    const greedy: typeof fetch = async (url, init = {}) => {
      const response = await strangerFetch(town)(url, init);
      const told = read(response, 'payment-response');
      if (told === null) return response;
      const headers = new Headers(response.headers);
      headers.set('payment-response', encodeX402({ ...told, amount: '999999999' }));
      return new Response(await response.text(), { status: response.status, headers });
    };
    const { ask } = aBuyer(town, {}, { fetch: greedy });
    await expect(ask()).rejects.toMatchObject({ problem: { code: 'PAYMENT_REFUSED' } });
    const { ask: careful } = aBuyer(town, { mostPerRequest: 10n });
    await expect(careful()).rejects.toMatchObject({ problem: { code: 'BUDGET_EXCEEDED' } });
  });
});

describe('payments that cannot be right', () => {
  type Change = (sent: { accepted: Record<string, unknown>; payload: Record<string, unknown> }) => object;

  async function send(change: Change) {
    const { town } = await aShop();
    const changing: typeof fetch = (url, init = {}) => {
      const headers = new Headers(init.headers);
      const sent = decodeX402(headers.get('payment-signature') ?? '');
      if (sent !== null) headers.set('payment-signature', encodeX402(change(sent as never)));
      return strangerFetch(town)(url, { ...init, headers });
    };
    const { ask } = aBuyer(town, {}, { fetch: changing });
    const failure = await ask().then(
      ({ status }) => `status ${status}`,
      (error: Error) => error.message,
    );
    return { failure, asked: town.payer.channels().length };
  }

  const cases: [string, Change, string][] = [
    ['another payee', (sent) => ({ ...sent, accepted: { ...sent.accepted, payTo: 'cairn1x' } }), 'payTo'],
    [
      'another chain',
      (sent) => ({ ...sent, accepted: { ...sent.accepted, network: 'cairn:00' } }),
      'network',
    ],
    [
      'more than the voucher covers',
      (sent) => ({ ...sent, accepted: { ...sent.accepted, amount: '99999999' } }),
      'promises both',
    ],
    [
      'a scheme nobody knows',
      (sent) => ({ ...sent, accepted: { ...sent.accepted, scheme: 'exact' } }),
      'scheme',
    ],
    [
      'another name than was signed',
      (sent) => ({ ...sent, payload: { ...sent.payload, id: 'aaaaaaaaaaaa' } }),
      'did not sign',
    ],
    [
      'a longer life than was signed',
      (sent) => ({ ...sent, payload: { ...sent.payload, validUntil: Number(sent.payload.validUntil) + 1 } }),
      'did not sign',
    ],
    ['no life left', (sent) => ({ ...sent, payload: { ...sent.payload, validUntil: 1 } }), 'past'],
    [
      'a voucher that is no voucher',
      (sent) => ({ ...sent, payload: { ...sent.payload, voucher: 'ff' } }),
      'voucher',
    ],
    [
      'a voucher of no hex',
      (sent) => ({ ...sent, payload: { ...sent.payload, voucher: 'zz'.repeat(200) } }),
      'voucher',
    ],
    ['nothing', () => ({}), 'x402Version'],
    ['the first version', (sent) => ({ ...sent, x402Version: 1 }), 'x402Version'],
  ];

  it.each(cases)('%s: nothing is asked and the reason is told', async (_, change, reason) => {
    const { failure, asked } = await send(change);
    expect(failure).toContain(reason);
    expect(asked).toBe(0);
  });
});

describe('the stock x402 client', () => {
  async function aClient(scheme: X402Scheme) {
    const { town } = await aShop();
    const { wallet } = aBuyer(town);
    const core = new x402Client()
      .setSpendControls(false)
      .register(wallet.network as `${string}:${string}`, createX402Scheme(wallet, scheme) as never);
    const client = new x402HTTPClient(core);
    const ask = strangerFetch(town);
    const url = 'http://gateway.example/v1/chat/completions';
    async function buy(content: string) {
      const init = {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'cairn/echo',
          messages: [{ role: 'user', content }],
          max_tokens: 8,
        }),
      };
      const first = await ask(url, init);
      expect(first.status).toBe(402);
      const required = client.getPaymentRequiredResponse((name) => first.headers.get(name));
      expect(PaymentRequiredV2Schema.safeParse(required).success).toBe(true);
      const payload = await client.createPaymentPayload(required);
      expect(payload.accepted.scheme).toBe(scheme);
      const headers = { ...init.headers, ...client.encodePaymentSignatureHeader(payload) };
      const answer = await ask(url, { ...init, headers });
      await client.processPaymentResult(payload, (name) => answer.headers.get(name), answer.status);
      const settled = client.getPaymentSettleResponse((name) => answer.headers.get(name));
      return { text: await textOf(answer), settled, payload, required };
    }
    return { town, wallet, buy };
  }

  it.each(['upto', 'batch-settlement'] as const)('pays answer after answer by %s', async (scheme) => {
    const { town, wallet, buy } = await aClient(scheme);
    for (const text of ['one', 'one two three']) {
      const bought = await buy(text);
      expect(bought.text).toBe(text);
      expect(bought.settled).toMatchObject({ success: true, network: wallet.network });
    }
    expect(wallet.spent).toBeGreaterThan(0n);
    town.clock.advance(600_000);
    await town.gateway.claimPayments();
    expect(claimedOf(town)[0]).toBeGreaterThanOrEqual(wallet.spent);
  });

  it('uses the gateway as the facilitator of payments to it', async () => {
    const { town, wallet, buy } = await aClient('upto');
    const url = `http://127.0.0.1:${town.port}/x402`;
    const facilitator = new HTTPFacilitatorClient({ url });
    expect((await facilitator.getSupported()).kinds).toEqual([
      { x402Version: 2, scheme: 'upto', network: wallet.network },
      { x402Version: 2, scheme: 'batch-settlement', network: wallet.network },
    ]);
    const { payload, required } = await buy('one');
    const accepted = required.accepts[0]!;
    const used = await facilitator.verify(payload, accepted);
    expect(used).toMatchObject({ isValid: false, invalidReason: 'stale' });
    const fresh = { x402Version: 2, accepted, payload: { ...(await wallet.pay(accepted as never)) } };
    expect(await facilitator.verify(fresh, accepted)).toMatchObject({ isValid: true });
    await wallet.charged(accepted, 0n);
    const exact = { x402Version: 2, accepted, payload: { ...(await wallet.settlement(accepted)) } };
    const settled = await facilitator.settle(exact, accepted);
    expect(settled).toMatchObject({ success: true, amount: wallet.spent.toString() });
    await town.gateway.claimPayments();
    expect(claimedOf(town)).toEqual([wallet.spent]);
  });
});
