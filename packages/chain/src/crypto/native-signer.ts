import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { assertEd25519SecretKey, type Signer } from '@cairn/core';

/** What stands before the seed in a PKCS #8 private key (RFC 8410). */
const ED25519_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * Signs with an ed25519 key held by OpenSSL: about 20 thousand signatures per second of one core,
 * the same bytes as `createEd25519Signer`.
 *
 * @param seed the 32-byte seed of RFC 8032.
 * @throws CoreError `BYTES_MALFORMED`
 */
export function createNativeEd25519Signer(seed: Uint8Array): Signer {
  assertEd25519SecretKey(seed);
  const encoded = Buffer.concat([ED25519_PREFIX, seed]);
  const key = createPrivateKey({ key: encoded, format: 'der', type: 'pkcs8' });
  encoded.fill(0);
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return {
    scheme: 'ed25519',
    publicKey: Uint8Array.from(spki.subarray(-32)),
    sign: async (message) => Uint8Array.from(sign(null, message, key)),
  };
}
