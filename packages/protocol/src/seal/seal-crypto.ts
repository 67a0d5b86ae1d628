import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { x25519 } from '@noble/curves/ed25519.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';

/** What sealing is made of. The pure one runs anywhere; a node supplies a native one with the same results. */
export interface SealCrypto {
  /** The X25519 key of 32 secret bytes. */
  x25519(secret: Uint8Array): X25519Key;
  /**
   * An X25519 key for one use.
   *
   * @param random 32 random bytes, unless the implementation draws its own.
   */
  freshX25519(random: Uint8Array): X25519Key;
  /** The ML-KEM-768 key of 64 secret bytes, d and z of FIPS 203. */
  mlKem768(seed: Uint8Array): MlKemKey;
  /**
   * A fresh secret for a key of 1,184 bytes; null when that is none (FIPS 203, 7.2).
   *
   * @param random 32 random bytes, unless the implementation draws its own.
   */
  mlKem768Encapsulate(
    publicKey: Uint8Array,
    random: Uint8Array,
  ): { readonly ciphertext: Uint8Array; readonly shared: Uint8Array } | null;
  hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array;
  /** ChaCha20-Poly1305 (RFC 8439) under a key of 32 bytes. Whoever has many pieces keeps it: it is the key, parsed. */
  aead(key: Uint8Array): Aead;
}

export interface Aead {
  /** Ciphertext and 16 bytes of tag. */
  seal(nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** Null when key, nonce, associated data or a single bit is not what it was sealed with. */
  open(nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | null;
}

export interface X25519Key {
  readonly publicKey: Uint8Array;
  /** The shared secret; null when it is all zero, which a point of small order makes (RFC 7748, 6.1). */
  agree(publicKey: Uint8Array): Uint8Array | null;
}

export interface MlKemKey {
  /** 1,184 bytes. */
  readonly publicKey: Uint8Array;
  /** Of 1,088 bytes; changed ones make another secret. */
  decapsulate(ciphertext: Uint8Array): Uint8Array;
}

/** Bytes that an AEAD adds. */
export const AEAD_TAG_BYTES = 16;

/** `SealCrypto` in plain JavaScript. An X25519 step takes about a millisecond, a chunk of 256 bytes some microseconds. */
export function createPureSealCrypto(): SealCrypto {
  return {
    x25519: keyOf,
    freshX25519: keyOf,
    mlKem768(seed) {
      const { publicKey, secretKey } = ml_kem768.keygen(seed);
      return { publicKey, decapsulate: (ciphertext) => ml_kem768.decapsulate(ciphertext, secretKey) };
    },
    mlKem768Encapsulate(publicKey, random) {
      try {
        const { cipherText, sharedSecret } = ml_kem768.encapsulate(publicKey, random);
        return { ciphertext: cipherText, shared: sharedSecret };
      } catch {
        // The library's one complaint about bytes of this length: a coefficient above the modulus.
        return null;
      }
    },
    hmacSha256: (key, message) => hmac(sha256, key, message),
    aead: (key) => ({
      seal: (nonce, aad, plaintext) => chacha20poly1305(key, nonce, aad).encrypt(plaintext),
      open(nonce, aad, sealed) {
        if (sealed.length < AEAD_TAG_BYTES) return null;
        try {
          return chacha20poly1305(key, nonce, aad).decrypt(sealed);
        } catch {
          // The library's one complaint about sealed bytes of this length: the tag.
          return null;
        }
      },
    }),
  };
}

function keyOf(secret: Uint8Array): X25519Key {
  return {
    publicKey: x25519.getPublicKey(secret),
    agree(publicKey) {
      try {
        return x25519.getSharedSecret(secret, publicKey);
      } catch {
        // The library's one complaint about 32 bytes: the result is zero.
        return null;
      }
    },
  };
}
