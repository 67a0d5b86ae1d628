import { ed25519 } from '@noble/curves/ed25519.js';
import { p256 } from '@noble/curves/nist.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { areBytesEqual, concatBytes } from '../bytes.ts';
import type { Crypto } from '../ports.ts';
import { verifyPulse } from '../timelock/pulse.ts';
import { isEd25519InputAllowed } from './ed25519-rule.ts';
import { assertPairs } from './hash-pairs.ts';
import { isP256InputAllowed } from './p256-rule.ts';

const { Point } = ed25519;

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number);
  return value;
}

/** S·B − k·A, encoded; null when the key bytes are not a point. */
function commitment(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Uint8Array | null {
  let key: InstanceType<typeof Point>;
  try {
    key = Point.fromBytes(publicKey, false);
  } catch {
    // The library's way to say that no point has this y: an expected outcome of a stranger's bytes.
    return null;
  }
  const digest = sha512(concatBytes(signature.subarray(0, 32), publicKey, message));
  const challenge = littleEndian(digest) % Point.Fn.ORDER;
  const response = littleEndian(signature.subarray(32));
  return Point.BASE.multiplyUnsafe(response).add(key.negate().multiplyUnsafe(challenge)).toBytes();
}

/**
 * The `Crypto` port in plain JavaScript, for browsers and as the reference of the native one.
 * Cost: about 0.5 thousand ed25519 checks and 0.5 million hashed pairs per second of one core.
 */
export function createPureCrypto(): Crypto {
  return {
    sha256: (data) => sha256(data),

    hashPairs(pairs, out) {
      assertPairs(pairs, out);
      for (let offset = 0; offset < pairs.length; offset += 64) {
        out.set(sha256(pairs.subarray(offset, offset + 64)), offset / 2);
      }
    },

    verifyEd25519(publicKey, message, signature) {
      if (!isEd25519InputAllowed(publicKey, signature)) return false;
      const expected = commitment(publicKey, message, signature);
      return expected !== null && areBytesEqual(expected, signature.subarray(0, 32));
    },

    verifyP256(publicKey, message, signature) {
      if (!isP256InputAllowed(publicKey, signature)) return false;
      try {
        return p256.verify(signature, message, publicKey, { prehash: true, lowS: true });
      } catch {
        // Thrown for an x that is on no point of the curve: an expected outcome of a stranger's bytes.
        return false;
      }
    },

    verifyPulse,
  };
}
