import { SdkError } from '@cairn/sdk';
import { expect, it } from 'vitest';
import { nobody, verdictOf } from '../src/answer-errors.ts';
import { errorToApi } from '../src/http/api-error.ts';
import type { ListedModel } from '../src/route/catalogue.ts';
import { anOffer } from './support/parts.ts';

const listed = { name: 'cairn/some', offers: [{}, {}] } as unknown as ListedModel;
const unproved = new SdkError(
  { code: 'LIGHT_VALUE_REFUSED', source: 'a node', key: 'k', height: '7', reason: 'the root differs' },
  'What a node says is refused.',
);
const unread = new SdkError(
  { code: 'SOURCE_UNREACHABLE', source: 'a node', reason: 'refused' },
  'It is gone.',
);

it('a ledger that cannot be read or proved is not held against providers, and is told as what it is', () => {
  for (const error of [unproved, unread]) {
    expect(verdictOf(error)).toBe('busy');
    expect(nobody(listed, 2, [error])).toBe(error);
  }
  expect(verdictOf(new Error('it broke'))).toBe('failed');
  expect(nobody(listed, 2, [new Error('it broke')])).toMatchObject({ code: 'no_provider_available' });
});

it('that all providers are busy is told with how many answers they give at once, and when one may ask again', () => {
  const offers = [anOffer(1), anOffer(2, { maxConcurrency: 3 })];
  const listed = { name: 'cairn/some', offers } as unknown as ListedModel;
  const busy = new SdkError({ code: 'PROVIDER_REFUSED', provider: 'x', refusal: 'BUSY' }, 'Full.');
  const { status, headers, body } = errorToApi(nobody(listed, 2, [busy, busy]));
  expect([status, body.error.code]).toEqual([503, 'no_provider_available']);
  expect(headers).toEqual({
    ...{ 'x-ratelimit-limit-requests': '7', 'x-ratelimit-remaining-requests': '0' },
    ...{ 'retry-after': '1', 'retry-after-ms': '1000' },
  });
  expect(body.error.message).toContain('All 2 providers of cairn/some are busy');
  for (const failures of [[busy], [new Error('it broke'), busy]])
    expect(errorToApi(nobody(listed, 2, failures)).headers).toEqual({ 'retry-after': '1' });
});
