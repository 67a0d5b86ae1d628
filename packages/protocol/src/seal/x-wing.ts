import { concatBytes } from '@cairn/core';
import { sha3_256, shake256 } from '@noble/hashes/sha3.js';
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
const X_WING_RANDOM_BYTES = 64;

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
  const mlKem = crypto.mlKem768(expanded.slice(0, 64));
  const point = crypto.x25519(expanded.slice(64));
  return {
    publicKey: concatBytes(mlKem.publicKey, point.publicKey),
    decapsulate(enc) {
      const theirs = enc.subarray(ML_KEM_CIPHERTEXT_BYTES);
      const shared = point.agree(theirs);
      if (shared === null) return null;
      const mlKemShared = mlKem.decapsulate(enc.subarray(0, ML_KEM_CIPHERTEXT_BYTES));
      return sha3_256(concatBytes(mlKemShared, shared, theirs, point.publicKey, LABEL));
    },
  };
}

/** A fresh shared secret and what carries it. Null when the public key is none. */
export function xWingEncapsulate(
  crypto: SealCrypto,
  publicKey: Uint8Array,
  random: Uint8Array,
): { readonly enc: Uint8Array; readonly shared: Uint8Array } | null {
  const theirs = publicKey.subarray(ML_KEM_PUBLIC_BYTES);
  const ours = crypto.freshX25519(random.slice(32, X_WING_RANDOM_BYTES));
  const shared = ours.agree(theirs);
  const mlKem = crypto.mlKem768Encapsulate(publicKey.subarray(0, ML_KEM_PUBLIC_BYTES), random.slice(0, 32));
  if (shared === null || mlKem === null) return null;
  return {
    enc: concatBytes(mlKem.ciphertext, ours.publicKey),
    shared: sha3_256(concatBytes(mlKem.shared, shared, ours.publicKey, theirs, LABEL)),
  };
}
