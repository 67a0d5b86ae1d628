import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evidenceKey, openBytes, sealBytes } from '../../src/evidence/seal.ts';
import { aHash, crypto } from '../builders.ts';

const key = evidenceKey(crypto, aHash('salt'));

describe('sealed evidence', () => {
  it('opens with the revealed salt and with no other', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        expect(openBytes(key, sealBytes(crypto, key, bytes))).toEqual(bytes);
      }),
    );
    expect(() => openBytes(evidenceKey(crypto, aHash('other')), sealBytes(crypto, key, aHash('x')))).toThrow(
      expect.objectContaining({ problem: { code: 'BUNDLE_SEALED_WRONG', reason: 'key' } }),
    );
  });

  it('never seals two contents with one nonce, and one content always to the same bytes', () => {
    const nonceOf = (bytes: Uint8Array) => sealBytes(crypto, key, bytes).slice(8, 32).join();
    expect(nonceOf(aHash('a'))).toBe(nonceOf(aHash('a')));
    expect(nonceOf(aHash('a'))).not.toBe(nonceOf(aHash('b')));
  });

  it('refuses changed and hostile bytes', () => {
    const sealed = sealBytes(crypto, key, aHash('content'));
    fc.assert(
      fc.property(fc.nat(sealed.length * 8 - 1), (bit) => {
        const bytes = sealed.slice();
        bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(() => openBytes(key, bytes)).toThrow(expect.objectContaining({ code: 'BUNDLE_SEALED_WRONG' }));
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(() => openBytes(key, bytes)).toThrow(expect.objectContaining({ code: 'BUNDLE_SEALED_WRONG' }));
      }),
    );
  });
});
