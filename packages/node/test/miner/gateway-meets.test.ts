import { describe, expect, it } from 'vitest';
import { anHttpTown, WHOLE_SURFACE } from './http-town.ts';

const name = 'cairn/echo';
const messages = [{ role: 'user', content: 'one two three' }];

/** A request of every way to paid work. */
const PAID: readonly (readonly [path: string, fields: object])[] = [
  ['chat/completions', { messages }],
  ['chat/completions', { messages, n: 2 }],
  ['completions', { prompt: 'one two three' }],
  ['responses', { input: 'one two three' }],
  ['messages', { messages, max_tokens: 8 }],
  ['embeddings', { input: ['noon', 'midnight'] }],
  ['rerank', { query: 'noon', documents: ['12:00', '00:00'] }],
  ['moderations', { input: 'a text' }],
  ['images/generations', { prompt: 'a cairn' }],
  ['audio/speech', { input: 'hello' }],
];

async function aKey(town: Awaited<ReturnType<typeof anHttpTown>>, limits: object) {
  const { key, id } = JSON.parse((await town.post('/v1/keys', { name: 'a friend', limits })).text);
  return { id, as: { authorization: `Bearer ${key}` } };
}

const codeOf = ({ text }: { text: string }) => JSON.parse(text).error.code;

describe('every way to paid work', () => {
  it.each(PAID)('passes the models, budgets and books of keys: %s %j', async (path, fields) => {
    await using town = await anHttpTown(WHOLE_SURFACE);
    const other = await aKey(town, { models: ['someone/else'] });
    const forbidden = await town.post(`/v1/${path}`, { model: name, ...fields }, other.as);
    expect([forbidden.status, codeOf(forbidden)]).toEqual([403, 'model_not_allowed']);
    const poor = await aKey(town, { per_model: { [name]: '0.000000001' } });
    const refused = await town.post(`/v1/${path}`, { model: name, ...fields }, poor.as);
    expect([refused.status, codeOf(refused)]).toEqual([402, 'budget_exceeded']);
    expect(town.ledger.channels.size).toBe(0);
    const rich = await aKey(town, { daily: '0.5' });
    const answered = await town.post(`/v1/${path}`, { model: name, ...fields }, rich.as);
    expect(answered.status, answered.text).toBe(200);
    expect(answered.headers['x-ratelimit-limit-cairn']).toBe('0.5');
    const { data } = JSON.parse((await town.get('/v1/usage', rich.as)).text);
    expect(data).toMatchObject([{ key: rich.id, model: name, endpoint: path }]);
    expect(Number(data[0].cost)).toBeGreaterThan(0);
  });

  it.each(PAID)('is sealed where all have to be, and says so: %s %j', async (path, fields) => {
    await using town = await anHttpTown({ ...WHOLE_SURFACE, sealing: 'x-wing', sealMode: 'required' });
    const { status, headers, text } = await town.post(`/v1/${path}`, { model: name, ...fields });
    expect(status, text).toBe(200);
    expect(headers['x-cairn-privacy']).toBe('L1');
    if (path === 'audio/speech') return;
    expect(JSON.parse(text).cairn.privacy).toMatchObject({ level: 'L1', sealed: 'x-wing' });
    await using open = await anHttpTown(WHOLE_SURFACE);
    const clear = await open.post(`/v1/${path}`, { model: name, ...fields });
    expect(JSON.parse(clear.text).cairn.privacy).toMatchObject({ level: 'L0', sealed: null });
  });

  it.each(PAID)('is paid once under one name: %s %j', async (path, fields) => {
    await using town = await anHttpTown(WHOLE_SURFACE);
    const once = { 'idempotency-key': 'once' };
    const first = await town.post(`/v1/${path}`, { model: name, ...fields }, once);
    const again = await town.post(`/v1/${path}`, { model: name, ...fields }, once);
    if (path === 'audio/speech')
      expect([again.status, codeOf(again)]).toEqual([422, 'idempotency_answer_gone']);
    else expect([again.text, again.headers['x-cairn-replayed']]).toEqual([first.text, 'true']);
    const { total } = JSON.parse((await town.get('/v1/usage')).text);
    expect(total.requests).toBe('n' in fields ? 2 : 1);
  });

  it.each(PAID)('takes the cheapest provider by the name of its model: %s %j', async (path, fields) => {
    await using town = await anHttpTown(WHOLE_SURFACE);
    const { status, headers, text } = await town.post(`/v1/${path}`, { model: `${name}:floor`, ...fields });
    expect([status, headers['x-cairn-cost'] !== undefined], text).toEqual([200, true]);
  });
});

describe('a batch', () => {
  it('runs sealed, within the limits of its key, and leaves room for others', async () => {
    await using town = await anHttpTown({ ...WHOLE_SURFACE, sealing: 'x25519', sealMode: 'required' });
    const { as } = await aKey(town, { models: [name] });
    const line = (id: string, model: string) =>
      JSON.stringify({
        custom_id: id,
        method: 'POST',
        url: '/v1/chat/completions',
        body: { model, messages },
      });
    const form = new FormData();
    form.set('purpose', 'batch');
    form.set('file', new File([`${line('a', name)}\n${line('b', `${name}:f16`)}`], 'input.jsonl'));
    const url = `http://127.0.0.1:${town.port}/v1`;
    const file = (await (
      await fetch(`${url}/files`, { method: 'POST', headers: as, body: form })
    ).json()) as { id: string };
    const asked = { input_file_id: file.id, endpoint: '/v1/chat/completions', completion_window: '24h' };
    let batch = JSON.parse((await town.post('/v1/batches', asked, as)).text);
    while (batch.status === 'in_progress') {
      await new Promise((resolve) => setImmediate(resolve));
      batch = JSON.parse((await town.get(`/v1/batches/${batch.id}`, as)).text);
    }
    expect(batch.request_counts).toEqual({ total: 2, completed: 2, failed: 0 });
    const { text } = await town.get(`/v1/files/${batch.output_file_id}/content`, as);
    const bodies = text
      .trim()
      .split('\n')
      .map((row) => JSON.parse(row).response.body);
    expect(bodies.map(({ cairn }) => cairn.privacy.sealed)).toEqual(['x25519', 'x25519']);
    const { data } = JSON.parse((await town.get('/v1/usage', as)).text);
    expect(data).toMatchObject([{ endpoint: 'chat/completions', model: name, requests: 2 }]);
  });
});
