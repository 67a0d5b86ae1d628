import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { updateVectors } from './vectors.ts';

/** Another result is another protocol: it would need a new version of the update. */
const kept = JSON.parse(readFileSync(new URL('../vectors/updates.json', import.meta.url), 'utf8')) as unknown;

describe('the codec', () => {
  it('makes the bytes that every implementation makes', () => {
    expect(JSON.parse(JSON.stringify(updateVectors()))).toEqual(kept);
  });
});
