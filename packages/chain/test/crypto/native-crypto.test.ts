import { createEd25519Signer } from '@cairn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeCrypto } from '../../../core/test/crypto/compliance.ts';
import { createNativeCrypto, createNativeEd25519Signer } from '../../src/index.ts';

describeCrypto('native crypto', createNativeCrypto);
describeCrypto('native crypto without kept keys', () => createNativeCrypto({ keyCacheSize: 0 }));
describeCrypto('native crypto that keeps two keys', () => createNativeCrypto({ keyCacheSize: 2 }));

describe('native ed25519 signer', () => {
  it('signs the same bytes as the pure one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ maxLength: 200 }),
        async (seed, message) => {
          const native = createNativeEd25519Signer(seed);
          const pure = createEd25519Signer(seed);
          expect(native.publicKey).toEqual(pure.publicKey);
          expect(await native.sign(message)).toEqual(await pure.sign(message));
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each([0, 31, 33, 64])('refuses a seed of %i bytes', (length) => {
    expect(() => createNativeEd25519Signer(new Uint8Array(length))).toThrow(
      expect.objectContaining({ code: 'BYTES_MALFORMED' }),
    );
  });
});
