import { type Crypto, concatBytes, utf8ToBytes } from '@cairn/core';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { MechanismError } from '../errors.ts';

const MAGIC = utf8ToBytes('CRNEVID1');
const NONCE_BYTES = 24;
const TAG_BYTES = 16;

/**
 * Key of a sealed bundle: SHA-256 of a tag and the validator's salt. The salt is 32 random bytes, so one hash
 * is enough to derive a key, and revealing the salt opens the bundle for everyone.
 */
export function evidenceKey(crypto: Crypto, salt: Uint8Array): Uint8Array {
  return crypto.sha256(concatBytes(utf8ToBytes('cairn/evidence-key/v1'), salt));
}

/**
 * Seals evidence until its salt is revealed, with XChaCha20-Poly1305. The nonce is a hash of key and content:
 * no randomness is needed, the same content seals to the same bytes, and sealing two different ones under
 * one salt never repeats a nonce.
 *
 * @param key 32 bytes of `evidenceKey`.
 * @returns magic (8 bytes) ‖ nonce (24) ‖ ciphertext and tag.
 */
export function sealBytes(crypto: Crypto, key: Uint8Array, bytes: Uint8Array): Uint8Array {
  const content = crypto.sha256(bytes);
  const digest = crypto.sha256(concatBytes(utf8ToBytes('cairn/evidence-nonce/v1'), key, content));
  const nonce = digest.slice(0, NONCE_BYTES);
  return concatBytes(MAGIC, nonce, xchacha20poly1305(key, nonce, MAGIC).encrypt(bytes));
}

/** @throws MechanismError `BUNDLE_SEALED_WRONG` for another key, changed bytes or something that is no sealed bundle. */
export function openBytes(key: Uint8Array, sealed: Uint8Array): Uint8Array {
  const isSealed =
    sealed.length >= MAGIC.length + NONCE_BYTES + TAG_BYTES &&
    MAGIC.every((byte, index) => sealed[index] === byte);
  if (!isSealed) {
    throw new MechanismError(
      { code: 'BUNDLE_SEALED_WRONG', reason: 'format' },
      `These ${sealed.length} bytes are not sealed evidence. Fetch the bundle again.`,
    );
  }
  const nonce = sealed.slice(MAGIC.length, MAGIC.length + NONCE_BYTES);
  try {
    return xchacha20poly1305(key, nonce, MAGIC).decrypt(sealed.slice(MAGIC.length + NONCE_BYTES));
  } catch (cause) {
    throw new MechanismError(
      { code: 'BUNDLE_SEALED_WRONG', reason: 'key' },
      'The evidence does not open with this salt: the salt is another one, or the bytes were changed.',
      { cause },
    );
  }
}
