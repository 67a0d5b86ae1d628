import { SdkError } from '@cairn/sdk';
import { describe, expect, it } from 'vitest';
import { createKeyBook } from '../src/account/keys.ts';
import { createFileBook } from '../src/endpoints/file-book.ts';
import { errorToApi, isUnexpected } from '../src/http/api-error.ts';
import { aClock, aRandom, aRecordStore } from './support/parts.ts';

describe('an error that is not the gateway’s own', () => {
  it('says that the ledger is out of reach, not where, and that it may be asked again', () => {
    const error = new SdkError(
      { code: 'SOURCE_UNREACHABLE', source: 'http://10.0.0.7/rpc', reason: 'refused' },
      'http://10.0.0.7/rpc cannot be reached.',
    );
    const { status, headers, body } = errorToApi(error);
    expect([status, body.error.code, headers['retry-after']]).toEqual([503, 'ledger_unreachable', '1']);
    expect(JSON.stringify(body)).not.toContain('10.0.0.7');
    expect(isUnexpected(error)).toBe(true);
  });

  it('says that what a node tells of the ledger is not proved', () => {
    const error = new SdkError(
      { code: 'LIGHT_VALUE_REFUSED', source: '10.0.0.7', key: 'k', height: '7', reason: 'the root differs' },
      'What 10.0.0.7 says is refused.',
    );
    const { status, body } = errorToApi(error);
    expect([status, body.error.code]).toEqual([502, 'ledger_not_proved']);
    expect(body.error.message).toContain('LIGHT_VALUE_REFUSED');
    expect(JSON.stringify(body)).not.toContain('10.0.0.7');
  });

  it('shows nothing else', () => {
    const { status, body } = errorToApi(new Error('a secret'));
    expect([status, body.error.code]).toEqual([500, 'internal_error']);
    expect(JSON.stringify(body)).not.toContain('secret');
  });
});

describe('a limit that no time ends', () => {
  const parts = { random: aRandom(), clock: aClock() };
  const headersOf = async (refused: Promise<unknown>) =>
    errorToApi(
      await refused.then(
        () => null,
        (error: unknown) => error,
      ),
    ).headers;

  it('of files is told with what is left of it, and without a reset', async () => {
    const files = createFileBook({ ...parts, records: aRecordStore() });
    const add = (bytes: number) =>
      files.add('local', { filename: 'a', purpose: 'batch', data: new Uint8Array(bytes) });
    const mib = 1024 * 1024;
    expect(await headersOf(add(17 * mib))).toEqual({ 'x-ratelimit-limit-bytes': `${16 * mib}` });
    for (let file = 0; file < 8; file += 1) await add(file === 0 ? 16 * mib - 5 : 16 * mib);
    const full = { 'x-ratelimit-limit-bytes': `${128 * mib}`, 'x-ratelimit-remaining-bytes': '5' };
    expect(await headersOf(add(6))).toEqual(full);
    for (let file = 8; file < 256; file += 1) await add(0);
    const many = { 'x-ratelimit-limit-files': '256', 'x-ratelimit-remaining-files': '0' };
    expect(await headersOf(add(1))).toEqual(many);
  });

  it('of keys is told too', async () => {
    let next = 0;
    const bytes = () => new Uint8Array(new Uint32Array([next++]).buffer);
    const keys = createKeyBook({ ...parts, random: { bytes } });
    const create = () => keys.create({ name: 'a', expiresMs: null, limits: {} });
    for (let key = 0; key < 10_000; key += 1) await create();
    const full = { 'x-ratelimit-limit-keys': '10000', 'x-ratelimit-remaining-keys': '0' };
    expect(await headersOf(create())).toEqual(full);
  });
});
