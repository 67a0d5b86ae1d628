import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  decapsulate,
  diffieHellman,
  encapsulate,
  type KeyObject,
} from 'node:crypto';
import { createPureSealCrypto, type SealCrypto } from '@cairn/protocol';

/** What stands before the raw key in PKCS #8 and SubjectPublicKeyInfo (RFC 8410). */
const X25519_PRIVATE = Buffer.from('302e020100300506032b656e04220420', 'hex');
const X25519_PUBLIC = Buffer.from('302a300506032b656e032100', 'hex');
/** The same for a seed and a public key of ML-KEM-768 (RFC 9935). */
const ML_KEM_PRIVATE = Buffer.from('3054020100300b060960864801650304040204428040', 'hex');
const ML_KEM_PUBLIC = Buffer.from('308204b2300b0609608648016503040402038204a100', 'hex');
const TAG_BYTES = 16;
const CIPHER = 'chacha20-poly1305';
/** Below this many bytes setting OpenSSL up costs more than plain JavaScript. */
const NATIVE_FROM_BYTES = 1024;

/**
 * `SealCrypto` on OpenSSL: an X25519 step takes about a twentieth of a millisecond, and so does one of ML-KEM where
 * OpenSSL has it (from 3.5); elsewhere that one is plain JavaScript.
 */
export function createNativeSealCrypto(): SealCrypto {
  const pure = createPureSealCrypto();
  const mlKem = hasMlKem() ? { mlKem768, mlKem768Encapsulate } : {};
  return {
    ...pure,
    ...mlKem,
    x25519(secret) {
      const privateKey = privateKeyOf(X25519_PRIVATE, secret);
      return {
        publicKey: x25519PublicKey(privateKey),
        agree(theirs) {
          const publicKey = publicKeyOf(X25519_PUBLIC, theirs);
          try {
            return Uint8Array.from(diffieHellman({ privateKey, publicKey }));
          } catch {
            // The one complaint OpenSSL has about two keys it has parsed: the result is zero.
            return null;
          }
        },
      };
    },

    sealAead(key, nonce, aad, plaintext) {
      if (plaintext.length < NATIVE_FROM_BYTES) return pure.sealAead(key, nonce, aad, plaintext);
      const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(aad, { plaintextLength: plaintext.length });
      const sealed = new Uint8Array(plaintext.length + TAG_BYTES);
      sealed.set(cipher.update(plaintext));
      cipher.final();
      sealed.set(cipher.getAuthTag(), plaintext.length);
      return sealed;
    },

    openAead(key, nonce, aad, sealed) {
      const length = sealed.length - TAG_BYTES;
      if (length < NATIVE_FROM_BYTES) return pure.openAead(key, nonce, aad, sealed);
      const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(aad, { plaintextLength: length });
      decipher.setAuthTag(sealed.subarray(length));
      const opened = Uint8Array.from(decipher.update(sealed.subarray(0, length)));
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

function publicKeyOf(prefix: Buffer, raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([prefix, raw]), format: 'der', type: 'spki' });
}

/** By way of a JSON key, an eighth of the time of DER. */
function x25519PublicKey(privateKey: KeyObject): Uint8Array {
  return Uint8Array.from(Buffer.from(createPublicKey(privateKey).export({ format: 'jwk' }).x!, 'base64url'));
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

/** OpenSSL draws its own randomness. */
function mlKem768Encapsulate(publicKey: Uint8Array): ReturnType<SealCrypto['mlKem768Encapsulate']> {
  let key: KeyObject;
  try {
    key = publicKeyOf(ML_KEM_PUBLIC, publicKey);
  } catch {
    // The one complaint OpenSSL has about bytes of this length: a coefficient above the modulus.
    return null;
  }
  const { ciphertext, sharedKey } = encapsulate(key);
  return { ciphertext: Uint8Array.from(ciphertext), shared: Uint8Array.from(sharedKey) };
}

/** Whether the OpenSSL of this Node knows ML-KEM-768. */
function hasMlKem(): boolean {
  try {
    return mlKem768Encapsulate(mlKem768(new Uint8Array(64)).publicKey) !== null;
  } catch {
    return false;
  }
}
