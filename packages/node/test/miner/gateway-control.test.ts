import { describe, expect, it } from 'vitest';
import { anHttpTown } from './http-town.ts';

const body = JSON.stringify({ model: 'cairn/echo', messages: [{ role: 'user', content: 'hi' }] });
const json = { 'content-type': 'application/json' };
const KEY = 'sk-cairn-a-long-key';

async function post(headers: Record<string, string>, keys: readonly string[] = []) {
  await using town = await anHttpTown({ gateway: { keys } });
  const answer = await town.fetchText('/v1/chat/completions', {
    method: 'POST',
    headers: { ...headers },
    body,
  });
  return { ...answer, error: JSON.parse(answer.text).error, spent: town.payer.channels().length > 0 };
}

describe('who may spend through the gateway', () => {
  it('lets programs on this machine in without a key, or with any', async () => {
    expect((await post(json)).status).toBe(200);
    expect((await post({ ...json, authorization: 'Bearer sk-anything' })).status).toBe(200);
  });

  it('refuses a name that was rebound to this machine', async () => {
    const { status, error, spent } = await post({ ...json, host: 'evil.example:8470' });
    expect([status, error.code, spent]).toEqual([403, 'host_not_allowed', false]);
  });

  it('refuses a page of another origin, and the opaque origin', async () => {
    for (const origin of ['https://evil.example', 'null', 'http://localhost:1']) {
      const { status, error, spent, headers } = await post({ ...json, origin });
      expect([status, error.code, spent], origin).toEqual([403, 'origin_not_allowed', false]);
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it('refuses a post from another site that shows no origin', async () => {
    const { status, error } = await post({ ...json, 'sec-fetch-site': 'cross-site' });
    expect([status, error.code]).toEqual([403, 'origin_not_allowed']);
  });

  it('refuses what a plain form can send', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      '',
    ]) {
      const { status, error, spent } = await post({ 'content-type': type });
      expect([status, error.code, spent], type).toEqual([415, 'unsupported_media_type', false]);
    }
  });

  it('lets a page of another origin in with a key, and tells the browser so', async () => {
    const shown = { ...json, origin: 'https://app.example', authorization: `Bearer ${KEY}` };
    const { status, headers } = await post(shown, [KEY]);
    expect(status).toBe(200);
    expect(headers['access-control-allow-origin']).toBe('https://app.example');
    const wrong = await post({ ...shown, authorization: 'Bearer sk-wrong' }, [KEY]);
    expect(wrong.status).toBe(403);
    expect(
      (await post({ ...json, host: 'gateway.example', authorization: `Bearer ${KEY}` }, [KEY])).status,
    ).toBe(200);
  });

  it('answers a preflight only where a key could help', async () => {
    const ask = async (keys: readonly string[]) => {
      await using town = await anHttpTown({ gateway: { keys } });
      return await town.fetchText('/v1/chat/completions', {
        method: 'OPTIONS',
        headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
      });
    };
    expect((await ask([])).status).toBe(403);
    const allowed = await ask([KEY]);
    expect(allowed.status).toBe(204);
    expect(allowed.headers['access-control-allow-origin']).toBe('https://app.example');
  });
});
