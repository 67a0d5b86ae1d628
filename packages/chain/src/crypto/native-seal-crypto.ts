import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  decapsulate,
  diffieHellman,
  encapsulate,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { type Aead, createPureSealCrypto, type SealCrypto } from '@cairn/protocol';
import { createKeyCache, type KeyCache, parsePublicKey } from './key-cache.ts';
import { nativeHmacSha256 } from './native-sha256.ts';

/** What stands before the raw key in PKCS #8 and SubjectPublicKeyInfo (RFC 8410). */
const X25519_PRIVATE = Buffer.from('302e020100300506032b656e04220420', 'hex');
const X25519_PUBLIC = Buffer.from('302a300506032b656e032100', 'hex');
/** The same for a seed and a public key of ML-KEM-768 (RFC 9935). */
const ML_KEM_PRIVATE = Buffer.from('3054020100300b060960864801650304040204428040', 'hex');
const ML_KEM_PUBLIC = Buffer.from('308204b2300b0609608648016503040402038204a100', 'hex');
const TAG_BYTES = 16;
const CIPHER = 'chacha20-poly1305';
/** Providers whose keys are kept parsed: less than 10 KiB each. */
const KEPT_KEYS = 256;

/**
 * `SealCrypto` on OpenSSL: an X25519 step takes about a twentieth of a millisecond, and so does one of ML-KEM where
 * OpenSSL has it (from 3.5); elsewhere that one is plain JavaScript. Fresh keys are OpenSSL's own: their secrets never
 * are in JavaScript.
 */
export function createNativeSealCrypto(): SealCrypto {
  const known = createKeyCache(KEPT_KEYS);
  return {
    ...createPureSealCrypto(),
    ...(hasMlKem() ? { mlKem768, mlKem768Encapsulate: (theirs) => encapsulateTo(known, theirs) } : {}),
    hmacSha256: nativeHmacSha256,
    x25519(secret) {
      const privateKey = privateKeyOf(X25519_PRIVATE, secret);
      return {
        publicKey: x25519PublicKey(createPublicKey(privateKey)),
        // Theirs is for one use.
        agree: (theirs) => agree(privateKey, parsePublicKey(X25519_PUBLIC, theirs)),
      };
    },

    freshX25519() {
      const { privateKey, publicKey } = generateKeyPairSync('x25519');
      return {
        publicKey: x25519PublicKey(publicKey),
        agree: (theirs) => known.use(X25519_PUBLIC, theirs, (key) => agree(privateKey, key)),
      };
    },

    aead: (key) => nativeAead(createSecretKey(key)),
  };
}

/** With a parsed key: parsing takes as long as sealing a piece of an answer. */
function nativeAead(key: KeyObject): Aead {
  return {
    seal(nonce, aad, plaintext) {
      const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(aad, { plaintextLength: plaintext.length });
      const sealed = new Uint8Array(plaintext.length + TAG_BYTES);
      sealed.set(cipher.update(plaintext));
      cipher.final();
      sealed.set(cipher.getAuthTag(), plaintext.length);
      return sealed;
    },

    open(nonce, aad, sealed) {
      const length = sealed.length - TAG_BYTES;
      if (length < 0) return null;
      const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(aad, { plaintextLength: length });
      decipher.setAuthTag(sealed.subarray(length));
      const opened = new Uint8Array(decipher.update(sealed.subarray(0, length)));
      try {
        decipher.final();
        return opened;
      } catch {
        // The one complaint OpenSSL has here: the tag.
        opened.fill(0);
        return null;
      }
    },
  };
}

function privateKeyOf(prefix: Buffer, secret: Uint8Array): KeyObject {
  const encoded = Buffer.concat([prefix, secret]);
  const key = createPrivateKey({ key: encoded, format: 'der', type: 'pkcs8' });
  encoded.fill(0);
  return key;
}

/** By way of a JSON key, an eighth of the time of DER. */
function x25519PublicKey(key: KeyObject): Uint8Array {
  return Uint8Array.from(Buffer.from(key.export({ format: 'jwk' }).x!, 'base64url'));
}

function agree(privateKey: KeyObject, publicKey: KeyObject | null): Uint8Array | null {
  if (publicKey === null) return null;
  try {
    return Uint8Array.from(diffieHellman({ privateKey, publicKey }));
  } catch {
    // The one complaint OpenSSL has about two keys it has parsed: the result is zero.
    return null;
  }
}

function mlKem768(seed: Uint8Array): ReturnType<SealCrypto['mlKem768']> {
  const key = privateKeyOf(ML_KEM_PRIVATE, seed);
  return {
    publicKey: mlKemPublicKey(key),
    decapsulate: (ciphertext) => Uint8Array.from(decapsulate(key, ciphertext)),
  };
}

function mlKemPublicKey(privateKey: KeyObject): Uint8Array {
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return Uint8Array.from(spki.subarray(ML_KEM_PUBLIC.length));
}

/** OpenSSL draws its own randomness. Null for bytes with a coefficient above the modulus. */
function encapsulateTo(known: KeyCache, theirs: Uint8Array): ReturnType<SealCrypto['mlKem768Encapsulate']> {
  return known.use(ML_KEM_PUBLIC, theirs, (key) => {
    const { ciphertext, sharedKey } = encapsulate(key);
    return { ciphertext: Uint8Array.from(ciphertext), shared: Uint8Array.from(sharedKey) };
  });
}

/** Whether the OpenSSL of this Node knows ML-KEM-768. */
function hasMlKem(): boolean {
  try {
    return encapsulateTo(createKeyCache(0), mlKem768(new Uint8Array(64)).publicKey) !== null;
  } catch {
    return false;
  }
}
