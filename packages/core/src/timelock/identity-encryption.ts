import { bls12_381 } from '@noble/curves/bls12-381.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { areBytesEqual, concatBytes, utf8ToBytes } from '../bytes.ts';
import { type G1Point, type G2Point, readG2, roundPoint } from './points.ts';

const { G2, fields, pairing } = bls12_381;
const { Fp12, Fr } = fields;
type Gt = ReturnType<typeof pairing>;

/** Bytes of a key that is locked: the length that tlock uses. */
export const LOCKED_KEY_BYTES = 16;
/** Bytes of a locked key: a point of G2, and two strings of the key's length. */
export const LOCK_BYTES = 96 + 2 * LOCKED_KEY_BYTES;

/*
 * Boneh and Franklin's identity-based encryption in its form that withstands chosen ciphertexts ("FullIdent" of
 * Identity-Based Encryption from the Weil Pairing), with the hashes and byte orders of drand's tlock, so that what
 * either locks the other opens. The identity is a round, its private key the pulse's signature.
 */

const tagged = (tag: string, ...parts: readonly Uint8Array[]): Uint8Array =>
  sha256(concatBytes(utf8ToBytes(tag), ...parts));

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, at) => byte ^ b[at]!);
}

interface Fp2 {
  readonly c0: bigint;
  readonly c1: bigint;
}

/** A pairing's result as tlock writes it: every coefficient in 48 bytes big-endian, the highest first. */
function gtToBytes({ c0, c1 }: Gt): Uint8Array {
  const parts: readonly Fp2[] = [c1.c2, c1.c1, c1.c0, c0.c2, c0.c1, c0.c0];
  return concatBytes(...parts.flatMap((part) => [fields.Fp.toBytes(part.c1), fields.Fp.toBytes(part.c0)]));
}

const maskOf = (shared: Gt): Uint8Array => tagged('IBE-H2', gtToBytes(shared)).subarray(0, LOCKED_KEY_BYTES);
const padOf = (sigma: Uint8Array): Uint8Array => tagged('IBE-H4', sigma).subarray(0, LOCKED_KEY_BYTES);

/** The scalar that sigma and the key determine: the first of a row of hashes that is below the group's order. */
function scalarOf(sigma: Uint8Array, key: Uint8Array): bigint {
  const digest = tagged('IBE-H3', sigma, key);
  // Nine of ten hashes of 255 bits are below the order, so a thousand that are not will not be seen.
  for (let attempt = 1; attempt < 1_000; attempt += 1) {
    const hash = sha256(concatBytes(Uint8Array.of(attempt & 0xff, attempt >> 8), digest));
    hash[0] = hash[0]! >> 1;
    let scalar = 0n;
    for (const byte of hash) scalar = (scalar << 8n) | BigInt(byte);
    if (scalar > 0n && scalar < Fr.ORDER) return scalar;
  }
  throw new Error('A thousand hashes lie above the order of BLS12-381.');
}

/** Locks a key to a round. `sigma` and the key are random and of the same length. */
export function lockKey(beacon: G2Point, round: bigint, key: Uint8Array, sigma: Uint8Array): Uint8Array {
  const scalar = scalarOf(sigma, key);
  const shared = Fp12.pow(pairing(roundPoint(round), beacon), scalar);
  return concatBytes(
    G2.Point.BASE.multiply(scalar).toBytes(true),
    xor(sigma, maskOf(shared)),
    xor(key, padOf(sigma)),
  );
}

/** The key behind a lock, by the pulse of its round; null when it was made for another or of nothing. */
export function unlockKey(pulse: G1Point, lock: Uint8Array): Uint8Array | null {
  if (lock.length !== LOCK_BYTES) return null;
  const commitment = lock.subarray(0, 96);
  const point = readG2(commitment);
  if (point === null) return null;
  const sigma = xor(lock.subarray(96, 96 + LOCKED_KEY_BYTES), maskOf(pairing(pulse, point)));
  const key = xor(lock.subarray(96 + LOCKED_KEY_BYTES), padOf(sigma));
  // Only who knew sigma and the key could make this point, so nobody can bend the lock of another.
  const expected = G2.Point.BASE.multiply(scalarOf(sigma, key)).toBytes(true);
  return areBytesEqual(expected, commitment) ? key : null;
}
