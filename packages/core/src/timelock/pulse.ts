import { bls12_381 } from '@noble/curves/bls12-381.js';
import { CoreError } from '../errors.ts';
import { MAX_ROUND, readG1, readG2, roundPoint } from './points.ts';

const { G2, fields, pairingBatch } = bls12_381;

/** Whether bytes are the public key of a beacon: a point of G2's subgroup in its one encoding, and not zero. */
export function isBeaconKeyAllowed(publicKey: Uint8Array): boolean {
  return readG2(publicKey) !== null;
}

/**
 * Whether a signature is a beacon's pulse of a round, as drand's scheme `bls-unchained-g1-rfc9380` makes it. There is
 * exactly one such signature for each key and round. Never throws: malformed input is `false`.
 *
 * Cost: two pairings and three points, about 25 ms of one core.
 */
export function verifyPulse(publicKey: Uint8Array, round: bigint, signature: Uint8Array): boolean {
  if (round < 1n || round > MAX_ROUND) return false;
  const pulse = readG1(signature);
  if (pulse === null) return false;
  const key = readG2(publicKey);
  if (key === null) return false;
  const product = pairingBatch([
    { g1: roundPoint(round), g2: key.negate() },
    { g1: pulse, g2: G2.Point.BASE },
  ]);
  return fields.Fp12.eql(product, fields.Fp12.ONE);
}

/** A beacon held by one key: for local networks and tests. A real one is held by many, none of whom has the key. */
export interface BeaconSigner {
  readonly publicKey: Uint8Array;
  /** The signature of a round's pulse. */
  sign(round: bigint): Uint8Array;
}

/**
 * @param secretKey 32 bytes, as a big-endian number from 1 to the order of the group
 * @throws CoreError `BYTES_MALFORMED`
 */
export function createBeaconSigner(secretKey: Uint8Array): BeaconSigner {
  let scalar = 0n;
  for (const byte of secretKey) scalar = (scalar << 8n) | BigInt(byte);
  if (secretKey.length !== 32 || scalar === 0n || scalar >= fields.Fr.ORDER) {
    const expected = 'a secret key of 32 bytes between 1 and the order of BLS12-381';
    throw new CoreError({ code: 'BYTES_MALFORMED', expected }, `Expected ${expected}. Draw another.`);
  }
  return {
    publicKey: G2.Point.BASE.multiply(scalar).toBytes(true),
    sign: (round) => roundPoint(round).multiply(scalar).toBytes(true),
  };
}
