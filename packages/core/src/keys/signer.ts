import { ed25519 } from '@noble/curves/ed25519.js';
import type { SignatureScheme } from '../address.ts';
import { CoreError } from '../errors.ts';
import type { Authorization } from './authorization.ts';

/** Something that signs for one account: a key in memory, a device, a passkey. */
export interface Signer {
  readonly scheme: SignatureScheme;
  readonly publicKey: Uint8Array;
  /** The `signature` of an `Authorization` of `message`. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** @throws CoreError `BYTES_MALFORMED` unless `secretKey` has 32 bytes. */
export function assertEd25519SecretKey(secretKey: Uint8Array): void {
  if (secretKey.length !== 32) {
    throw new CoreError(
      { code: 'BYTES_MALFORMED', expected: 'ed25519 secret key' },
      `An ed25519 secret key has 32 bytes, not ${secretKey.length}.`,
    );
  }
}

/**
 * Signs with an ed25519 key held in memory. The key is copied, so the caller may wipe its own.
 *
 * @param secretKey the 32-byte seed of RFC 8032.
 * @throws CoreError `BYTES_MALFORMED`
 */
export function createEd25519Signer(secretKey: Uint8Array): Signer {
  assertEd25519SecretKey(secretKey);
  const key = Uint8Array.from(secretKey);
  return {
    scheme: 'ed25519',
    publicKey: ed25519.getPublicKey(key),
    sign: async (message) => ed25519.sign(message, key),
  };
}

/** Signs `message` and puts scheme, key and signature together. */
export async function authorize(signer: Signer, message: Uint8Array): Promise<Authorization> {
  return { scheme: signer.scheme, publicKey: signer.publicKey, signature: await signer.sign(message) };
}
