import { describe, expect, it } from 'vitest';
import { anHttpTown } from './http-town.ts';
import { aRecordStore } from './parts.ts';

const json = { 'content-type': 'application/json' };
const day = '1970-01-01';

async function aTownWithKey(limits: object) {
  const town = await anHttpTown();
  const made = await town.post('/v1/keys', { name: 'a friend', limits });
  expect(made.status, made.text).toBe(201);
  const key = JSON.parse(made.text);
  return { town, key, as: { authorization: `Bearer ${key.key}` } };
}

describe('keys of a gateway', () => {
  it('are made by its operator, shown once, listed, and removed', async () => {
    const { town, key, as } = await aTownWithKey({ daily: '0.5', requests_per_minute: 100 });
    await using _ = town;
    expect(key).toMatchObject({ name: 'a friend', limits: { daily: '0.5', total: null } });
    expect(key.key).toMatch(/^sk-cairn-[0-9a-f]{64}$/);
    const listed = JSON.parse((await town.get('/v1/keys')).text).data;
    expect(listed).toEqual([{ ...key, key: undefined }].map(({ key: _secret, ...rest }) => rest));
    expect(JSON.stringify(listed)).not.toContain(key.key);
    expect(JSON.parse((await town.get('/v1/keys', as)).text).data).toEqual(listed);
    const foreign = { ...as, origin: 'https://elsewhere.example' };
    expect((await town.get('/v1/models', foreign)).status).toBe(200);
    const made = await town.post('/v1/keys', { name: 'mine' }, as);
    expect([made.status, JSON.parse(made.text).error.code]).toEqual([403, 'operator_only']);
    const path = `/v1/keys/${key.id}`;
    expect((await town.fetchText(path, { method: 'DELETE', headers: as })).status).toBe(403);
    expect((await town.fetchText(path, { method: 'DELETE', headers: json })).status).toBe(200);
    expect((await town.fetchText(path, { method: 'DELETE', headers: json })).status).toBe(404);
    expect((await town.get('/v1/models', foreign)).status).toBe(403);
  });

  it.each([
    [{}, 'name'],
    [{ name: '' }, 'name'],
    [{ name: 'x', limits: [] }, 'limits'],
    [{ name: 'x', limits: { dayly: '1' } }, 'limits.dayly'],
    [{ name: 'x', limits: { daily: 'much' } }, 'limits.daily'],
    [{ name: 'x', limits: { requests_per_minute: 0 } }, 'requests_per_minute'],
    [{ name: 'x', limits: { per_model: ['x'] } }, 'limits.per_model'],
  ])('are refused as %j', async (body, param) => {
    await using town = await anHttpTown();
    const { status, text } = await town.post('/v1/keys', body);
    expect([status, JSON.parse(text).error.param]).toEqual([400, param]);
  });

  it('have budgets of their own, by day, by model and in all, and say when they begin anew', async () => {
    for (const limits of [
      { daily: '0.0000003' },
      { total: '0.0000003' },
      { per_model: { 'cairn/echo': '0.0000003' } },
    ]) {
      const { town, as } = await aTownWithKey(limits);
      await using _ = town;
      const ask = (content: string) => town.chat(content, { max_tokens: 2 }, as);
      let answered = 0;
      let refused = await ask('hi there');
      for (; refused.status === 200 && answered < 50; answered += 1) refused = await ask('hi there');
      expect(answered, JSON.stringify(limits)).toBeGreaterThan(0);
      expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([402, 'budget_exceeded']);
      expect(refused.headers['x-ratelimit-limit-cairn']).toBe('0.0000003');
      expect(refused.headers['x-ratelimit-reset-cairn'] === undefined).toBe('total' in limits);
      expect((await town.chat('the operator still may')).status).toBe(200);
      town.clock.advance(86_400_000);
      expect((await ask('hi there')).status, JSON.stringify(limits)).toBe('total' in limits ? 402 : 200);
    }
  });

  it('may ask only their models, and as often as they are told', async () => {
    const { town, as } = await aTownWithKey({ models: ['someone/else'] });
    await using _ = town;
    expect(JSON.parse((await town.chat('x', {}, as)).text).error.code).toBe('model_not_allowed');
    const fast = await aTownWithKey({ requests_per_minute: 2 });
    await using __ = fast.town;
    const first = await fast.town.chat('x', {}, fast.as);
    expect([first.status, first.headers['x-ratelimit-remaining-requests']]).toEqual([200, '1']);
    expect((await fast.town.chat('x', {}, fast.as)).status).toBe(200);
    fast.town.clock.advance(10_000);
    const third = await fast.town.chat('x', {}, fast.as);
    expect(third.status).toBe(429);
    expect(third.headers).toMatchObject({
      'retry-after': '50',
      'retry-after-ms': '50000',
      'x-ratelimit-limit-requests': '2',
      'x-ratelimit-remaining-requests': '0',
      'x-cairn-queue-position': '1',
    });
    fast.town.clock.advance(50_000);
    expect((await fast.town.chat('x', {}, fast.as)).status).toBe(200);
  });

  it('and what was spent with them outlive a restart', async () => {
    const records = aRecordStore();
    let secret = '';
    let id = '';
    {
      await using town = await anHttpTown({ records });
      const made = await town.post('/v1/keys', { name: 'pebbles:5', limits: { total: '0.5' } });
      ({ key: secret, id } = JSON.parse(made.text));
      expect((await town.chat('x', {}, { authorization: `Bearer ${secret}` })).status).toBe(200);
    }
    await using again = await anHttpTown({ records: records.copy() });
    const as = { authorization: `Bearer ${secret}` };
    const usage = JSON.parse((await again.get('/v1/usage', as)).text);
    expect(usage.data).toMatchObject([{ key: id, requests: 1, model: 'cairn/echo', day }]);
    expect(again.gateway.usage(id).answers).toBe(1);
    expect(JSON.parse((await again.get('/v1/keys', as)).text).data[0].name).toBe('pebbles:5');
  });
});

describe('usage', () => {
  it('is told by key, day and model, with its receipts, and a key sees only its own', async () => {
    const { town, key, as } = await aTownWithKey({});
    await using _ = town;
    await town.chat('one two', {}, as);
    await town.post('/v1/completions', { model: 'cairn/echo', prompt: 'three' });
    const all = JSON.parse((await town.get('/v1/usage')).text);
    expect(all.total).toMatchObject({ requests: 2, completion_tokens: 3 });
    expect(
      all.data.map(({ key: name, endpoint }: { key: string; endpoint: string }) => [name, endpoint]),
    ).toEqual(
      [
        [key.id, 'chat/completions'],
        ['local', 'completions'],
      ].toSorted(([one], [other]) => (one! < other! ? -1 : 1)),
    );
    const mine = JSON.parse((await town.get('/v1/usage?key=local', as)).text);
    expect(mine.data).toMatchObject([{ key: key.id, completion_tokens: 2 }]);
    const rows = async (path: string) => JSON.parse((await town.get(path)).text).data;
    expect(await rows(`/v1/usage?key=${key.id}&day=${day}&model=cairn/echo`)).toHaveLength(1);
    expect(await rows('/v1/usage?day=1970-01-02')).toEqual([]);
    expect(await rows('/v1/usage?model=another/one')).toEqual([]);
    expect((await town.get('/v1/usage?day=yesterday')).status).toBe(400);
    const receipts = await rows('/v1/receipts');
    expect(receipts).toHaveLength(2);
    const total = [...town.payer.receipts()].reduce((sum, { receipt }) => sum + receipt.price, 0n);
    expect(town.gateway.usage('local').spent + town.gateway.usage(key.id).spent).toBe(total);
    expect((await town.get(`/v1/receipts/${receipts[0].receipt}`)).status).toBe(200);
    expect(await rows('/v1/receipts?limit=1')).toEqual([receipts[0]]);
  });
});

describe('an Idempotency-Key', () => {
  const named = { 'idempotency-key': 'order 66' };

  it('of a client that left has its answer when it comes back, charged once', async () => {
    const hasLeft = Promise.withResolvers<void>();
    const beforeToken = (token: number) => (token === 6 ? hasLeft.promise : Promise.resolve());
    await using town = await anHttpTown({ echo: { beforeToken } });
    const content = Array.from({ length: 30 }, (_, index) => `word${index}`).join(' ');
    const left = await town.chat(content, { stream: true }, named, (text) => text.includes('word3'));
    expect(left.isComplete).toBe(false);
    hasLeft.resolve();
    while (town.gateway.usage('local').answers === 0) await new Promise((resolve) => setImmediate(resolve));
    const { spent } = town.gateway.usage('local');
    const again = await town.chat(content, { stream: true }, named);
    expect([again.status, again.headers['x-cairn-replayed']]).toEqual([200, 'true']);
    expect(again.text).toContain('word29');
    expect(again.text).toContain('[DONE]');
    expect(town.gateway.usage('local').spent).toBe(spent);
    expect([...town.payer.receipts()]).toHaveLength(1);
  });

  it('is bound to path, body and payer', async () => {
    const { town, as } = await aTownWithKey({});
    await using _ = town;
    const first = await town.chat('x', {}, named);
    const other = await town.chat('y', {}, named);
    expect([other.status, JSON.parse(other.text).error.code]).toEqual([422, 'idempotency_key_reused']);
    const elsewhere = await town.post('/v1/completions', { model: 'cairn/echo', prompt: 'x' }, named);
    expect(elsewhere.status).toBe(422);
    const else_ = await town.chat('x', {}, { ...named, ...as });
    expect([else_.status, else_.headers['x-cairn-replayed']]).toEqual([200, undefined]);
    expect(JSON.parse((await town.chat('x', {}, named)).text)).toEqual(JSON.parse(first.text));
  });

  it('of an answer that broke after it was paid is not free again', async () => {
    await using town = await anHttpTown({ echo: { faults: [{ atToken: 3, kind: 'fail', request: 0 }] } });
    expect((await town.chat('a b c d e', {}, named)).status).toBe(502);
    const again = await town.chat('a b c d e', {}, named);
    expect([again.status, JSON.parse(again.text).error.code]).toEqual([422, 'idempotency_answer_gone']);
    expect((await town.chat('a b c d e', {})).status).toBe(200);
  });
});

describe('models behind the first', () => {
  it('are asked when it is not served, and suffixes name an order', async () => {
    await using town = await anHttpTown();
    const messages = [{ role: 'user', content: 'x' }];
    const ask = async (fields: object) => {
      const { status, text } = await town.post('/v1/chat/completions', { messages, ...fields });
      return [status, JSON.parse(text).model ?? JSON.parse(text).error.code];
    };
    expect(await ask({ model: 'no/such', models: ['nor/this', 'cairn/echo'] })).toEqual([200, 'cairn/echo']);
    expect(await ask({ models: ['cairn/echo'] })).toEqual([200, 'cairn/echo']);
    expect(await ask({ model: 'no/such', models: ['nor/this'] })).toEqual([404, 'model_not_found']);
    for (const suffix of ['nitro', 'floor']) {
      expect(await ask({ model: `cairn/echo:${suffix}` }), suffix).toEqual([200, 'cairn/echo']);
    }
    expect(await ask({ model: 'cairn/echo:f16:floor' })).toEqual([200, 'cairn/echo:f16']);
    expect(await ask({ model: 'cairn/echo:free' })).toEqual([404, 'model_not_found']);
  });
});
