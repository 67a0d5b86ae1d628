import { concatBytes } from '@cairn/core';
import { sha3_256, shake256 } from '@noble/hashes/sha3.js';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import type { SealCrypto } from './seal-crypto.ts';

/**
 * X-Wing: ML-KEM-768 and X25519 together, so that a recording of today stays closed to a quantum computer of
 * tomorrow, and to whoever breaks one of the two.
 *
 * @see draft-connolly-cfrg-xwing-kem-10, sections 5.2 to 5.5; HPKE KEM id 0x647a
 */
export const X_WING_PUBLIC_BYTES = 1216;
export const X_WING_ENC_BYTES = 1120;
/** Bytes of randomness that encapsulating takes. */
export const X_WING_RANDOM_BYTES = 64;

const ML_KEM_PUBLIC_BYTES = 1184;
const ML_KEM_CIPHERTEXT_BYTES = 1088;
/** `\.//^\`, last in what is hashed. */
const LABEL = Uint8Array.of(0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c);

export interface XWingKey {
  readonly publicKey: Uint8Array;
  /** Null when the X25519 half is of small order. A changed ML-KEM half makes another secret. */
  decapsulate(enc: Uint8Array): Uint8Array | null;
}

/** The key pair of a 32-byte seed. Takes about a millisecond; keep it. */
export function createXWingKey(crypto: SealCrypto, seed: Uint8Array): XWingKey {
  const expanded = shake256(seed, { dkLen: 96 });
  const { publicKey: mlKemPublic, secretKey: mlKemSecret } = ml_kem768.keygen(expanded.subarray(0, 64));
  const secret = expanded.slice(64);
  const point = crypto.x25519Public(secret);
  return {
    publicKey: concatBytes(mlKemPublic, point),
    decapsulate(enc) {
      const theirs = enc.subarray(ML_KEM_CIPHERTEXT_BYTES);
      const shared = crypto.x25519(secret, theirs);
      if (shared === null) return null;
      const mlKemShared = ml_kem768.decapsulate(enc.subarray(0, ML_KEM_CIPHERTEXT_BYTES), mlKemSecret);
      return sha3_256(concatBytes(mlKemShared, shared, theirs, point, LABEL));
    },
  };
}

/** A fresh shared secret and what carries it. Null when the public key is none. */
export function xWingEncapsulate(
  crypto: SealCrypto,
  publicKey: Uint8Array,
  random: Uint8Array,
): { readonly enc: Uint8Array; readonly shared: Uint8Array } | null {
  const point = publicKey.subarray(ML_KEM_PUBLIC_BYTES);
  const secret = random.subarray(32, X_WING_RANDOM_BYTES);
  const shared = crypto.x25519(secret, point);
  if (shared === null) return null;
  let mlKem: { cipherText: Uint8Array; sharedSecret: Uint8Array };
  try {
    mlKem = ml_kem768.encapsulate(publicKey.subarray(0, ML_KEM_PUBLIC_BYTES), random.subarray(0, 32));
  } catch {
    // Its one complaint about bytes of this length: a coefficient above the modulus (FIPS 203, 7.2).
    return null;
  }
  const ours = crypto.x25519Public(secret);
  return {
    enc: concatBytes(mlKem.cipherText, ours),
    shared: sha3_256(concatBytes(mlKem.sharedSecret, shared, ours, point, LABEL)),
  };
}
