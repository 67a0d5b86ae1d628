import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createControl, createGateway, createMeter, type MeterOptions } from '@cairn/gateway';
import { SdkError } from '@cairn/sdk';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createFnEndpoint } from '../../src/compute/fn-endpoint.ts';
import type { CallFor } from '../../src/compute/metered-call.ts';
import type { Tenant } from '../../src/compute/tenant.ts';
import { createControlGuard } from '../../src/http/control.ts';
import { aMarket, aRequest, ECHO } from './market.ts';
import { realClock } from './parts.ts';

const SECRET = 'a-secret';
const caller = createHash('sha256').update(SECRET).digest('hex');

/** Answers `POST /fn/echo` over HTTP. */
async function serveFn(parts: Parameters<typeof createFnEndpoint>[0]): Promise<string> {
  const endpoint = createFnEndpoint(parts);
  const server = createServer((request, response) => void endpoint(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/fn/echo`;
}

/** A deployed function behind HTTP, whose calls pass a meter with limits of one key. */
async function aMeteredFunction(limits: MeterOptions) {
  const meter = createMeter(realClock, { limitsOf: (who) => (who === caller ? limits : null) });
  const { tenant, during, chain } = await aMarket({ reserve: meter.reserve });
  await during(tenant.deploy(aRequest(ECHO)));
  const { admit } = createControlGuard(createControl({ keys: [SECRET] }));
  const { claim } = createGateway({
    ...{ clock: realClock, random: { bytes: (length) => randomBytes(length) }, log: chain.log },
    catalogue: { models: async () => [], offers: async () => [] },
    infer: async function* () {},
    receipt: () => null,
  });
  const url = await serveFn({ tenant: async () => tenant, admit, claim });
  async function call(headers: Readonly<Record<string, string>> = {}, body = 'hi') {
    const response = await during(
      fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-cairn-max-work': '500', ...headers },
        body,
      }),
    );
    return { status: response.status, headers: response.headers, text: await response.text() };
  }
  return { meter, call, asKey: () => call({ authorization: `Bearer ${SECRET}` }) };
}

describe('a call of a function', () => {
  it('is cancelled when its client leaves, unless it has a name to be asked for again', async () => {
    const whoms: CallFor[] = [];
    const answered = Promise.withResolvers<never>();
    const tenant = {
      call: (_name: string, _input: Uint8Array, _maxWork: number, whom: CallFor) => {
        whoms.push(whom);
        return answered.promise;
      },
    } as unknown as Tenant;
    const { admit } = createControlGuard(createControl());
    const slot = { replay: null, keep() {}, spend() {}, forget() {} };
    const url = await serveFn({ tenant: async () => tenant, admit, claim: async () => slot });
    const headers = { 'content-type': 'application/json' };
    for (const more of [{ 'idempotency-key': 'once' }, {}]) {
      const client = new AbortController();
      const asked = { method: 'POST', headers: { ...headers, ...more }, body: 'hi', signal: client.signal };
      const left = fetch(url, asked).catch(() => 'left');
      const before = whoms.length;
      await expect.poll(() => whoms.length).toBe(before + 1);
      client.abort();
      expect(await left).toBe('left');
    }
    await expect.poll(() => whoms[1]?.signal?.aborted).toBe(true);
    expect(whoms[0]?.signal).toBe(undefined);
    answered.reject(new SdkError({ code: 'TERMS_REFUSED', reason: '' }, 'nobody reads it'));
  });

  it('is settled in the books of who called, with its receipt', async () => {
    const { meter, call, asKey } = await aMeteredFunction({ dailyLimit: 1_000_000_000n });
    const called = await asKey();
    expect([called.status, called.text]).toEqual([200, 'you said hi']);
    const [row] = meter.book.rows({ caller });
    expect(row).toMatchObject({ endpoint: 'fn', model: 'echo', requests: 1 });
    expect(row?.cost).toBe(meter.usage(caller).spent);
    expect(meter.usage(caller)).toMatchObject({ held: 0n, answers: 1 });
    expect(meter.book.receipts({ caller }, 1)).toMatchObject([
      { receipt: called.headers.get('x-cairn-receipt'), cost: row?.cost },
    ]);
    expect((await call()).status).toBe(200);
    expect(meter.usage('local').answers).toBe(1);
  });

  it('under an Idempotency-Key is made and paid once, and bound to what it is given', async () => {
    const { meter, call } = await aMeteredFunction({});
    const named = { 'idempotency-key': 'once' };
    const [first, again] = [await call(named), await call(named)];
    expect([first.status, first.text, first.headers.get('x-cairn-replayed')]).toEqual([
      200,
      'you said hi',
      null,
    ]);
    expect([again.status, again.text, again.headers.get('x-cairn-replayed')]).toEqual([
      200,
      'you said hi',
      'true',
    ]);
    expect(again.headers.get('x-cairn-receipt')).toBe(first.headers.get('x-cairn-receipt'));
    expect(meter.usage('local').answers).toBe(1);
    for (const other of [await call(named, 'ho'), await call({ ...named, 'x-cairn-max-work': '400' })])
      expect([other.status, JSON.parse(other.text).error.code]).toEqual([422, 'idempotency_key_reused']);
    expect(meter.usage('local').answers).toBe(1);
  });

  it('is refused when a budget does not hold the most it may cost, and when its key is for other models', async () => {
    const poor = await aMeteredFunction({ dailyLimit: 1_000n });
    const refused = await poor.asKey();
    expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([402, 'budget_exceeded']);
    expect(poor.meter.usage(caller)).toMatchObject({ spent: 0n, held: 0n });
    const other = await aMeteredFunction({ models: ['someone/else'] });
    const forbidden = await other.asKey();
    expect([forbidden.status, JSON.parse(forbidden.text).error.code]).toEqual([403, 'model_not_allowed']);
  });

  it('that finds as many waiting as may is told to come back', async () => {
    const busy = new SdkError({ code: 'PROVIDER_REFUSED', provider: 'x', refusal: 'BUSY' }, '64 calls wait.');
    const tenant = { call: () => Promise.reject(busy) } as unknown as Tenant;
    const { admit } = createControlGuard(createControl());
    const headers = { 'content-type': 'application/json' };
    const url = await serveFn({ tenant: async () => tenant, admit });
    const refused = await fetch(url, { method: 'POST', headers, body: 'hi' });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await refused.text()).toContain('64 calls wait.');
  });
});
