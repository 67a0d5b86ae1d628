import { SdkError } from '@cairn/sdk';
import { expect, it } from 'vitest';
import { nobody, verdictOf } from '../src/answer-errors.ts';
import type { ListedModel } from '../src/route/catalogue.ts';

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
    expect(nobody(listed, 2, error)).toBe(error);
  }
  expect(verdictOf(new Error('it broke'))).toBe('failed');
  expect(nobody(listed, 2, new Error('it broke'))).toMatchObject({ code: 'no_provider_available' });
});
