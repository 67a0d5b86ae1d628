import { bls12_381 } from '@noble/curves/bls12-381.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { areBytesEqual, u64ToBytes } from '../bytes.ts';

const { G1, G2 } = bls12_381;
export type G1Point = InstanceType<typeof G1.Point>;
export type G2Point = InstanceType<typeof G2.Point>;

/** RFC 9380 suite of drand's scheme `bls-unchained-g1-rfc9380`: signatures are on G1, the public key on G2. */
const HASH_TO_G1 = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_';

/** Bytes of a pulse's signature: a compressed point of G1. */
export const PULSE_BYTES = 48;
/** Bytes of a beacon's public key: a compressed point of G2. */
export const BEACON_KEY_BYTES = 96;
/** The last round that a pulse can have on the wire. */
export const MAX_ROUND: bigint = (1n << 64n) - 1n;

interface ReadablePoint {
  is0(): boolean;
  toBytes(isCompressed?: boolean): Uint8Array;
}

/** A point of the right subgroup, not its zero, from the one encoding it has; null for anything else. */
function readPoint<P extends ReadablePoint>(
  group: { fromBytes(bytes: Uint8Array): P },
  length: number,
  bytes: Uint8Array,
): P | null {
  if (bytes.length !== length) return null;
  try {
    // Throws for what is not on the curve or not in the subgroup.
    const point = group.fromBytes(bytes);
    return !point.is0() && areBytesEqual(point.toBytes(true), bytes) ? point : null;
  } catch {
    // The library's way to say that no point has these bytes: an expected outcome of a stranger's bytes.
    return null;
  }
}

export const readG1 = (bytes: Uint8Array): G1Point | null => readPoint(G1.Point, PULSE_BYTES, bytes);
export const readG2 = (bytes: Uint8Array): G2Point | null => readPoint(G2.Point, BEACON_KEY_BYTES, bytes);

/** What a beacon signs for a round: the hash of its number, as a point. */
export function roundPoint(round: bigint): G1Point {
  return G1.hashToCurve(sha256(u64ToBytes(round)), { DST: HASH_TO_G1 }) as G1Point;
}
