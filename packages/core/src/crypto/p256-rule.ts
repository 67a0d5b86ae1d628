import { compareBytes, hexToBytes } from '../bytes.ts';

/** Field prime of P-256, big-endian (FIPS 186-4, D.1.2.3). */
const FIELD_PRIME = hexToBytes('ffffffff00000001000000000000000000000000ffffffffffffffffffffffff');

/** Order n of the base point, big-endian. */
const GROUP_ORDER = hexToBytes('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');

/** ⌊n / 2⌋, the largest s that counts as low. */
const HALF_ORDER = hexToBytes('7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8');

const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

/** Whether the bytes have the form of a compressed P-256 point: 33 bytes, 02 or 03, x below the prime. */
export function isP256KeyAllowed(publicKey: Uint8Array): boolean {
  return (
    publicKey.length === 33 &&
    (publicKey[0] === 2 || publicKey[0] === 3) &&
    compareBytes(publicKey.subarray(1), FIELD_PRIME) < 0
  );
}

/**
 * The part of the P-256 rule that libraries disagree about, checked before any of them is asked:
 * compressed key, r ‖ s of 64 bytes, 0 < r < n, 0 < s ≤ n / 2.
 */
export function isP256InputAllowed(publicKey: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64 || !isP256KeyAllowed(publicKey)) return false;
  const r = signature.subarray(0, 32);
  const s = signature.subarray(32);
  return !isZero(r) && compareBytes(r, GROUP_ORDER) < 0 && !isZero(s) && compareBytes(s, HALF_ORDER) <= 0;
}

/** r ‖ s with s replaced by n − s when it is above n / 2; signing libraries give either. */
export function lowerP256Signature(signature: Uint8Array): Uint8Array {
  const lowered = Uint8Array.from(signature);
  if (compareBytes(signature.subarray(32), HALF_ORDER) <= 0) return lowered;
  let borrow = 0;
  for (let i = 31; i >= 0; i--) {
    const difference = (GROUP_ORDER[i] as number) - (signature[32 + i] as number) - borrow;
    borrow = difference < 0 ? 1 : 0;
    lowered[32 + i] = difference & 0xff;
  }
  return lowered;
}
