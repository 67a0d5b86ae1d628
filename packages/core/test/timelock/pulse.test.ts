import { bls12_381 } from '@noble/curves/bls12-381.js';
import { describe, expect, it } from 'vitest';
import {
  bytesToHex,
  createBeaconSigner,
  createPureCrypto,
  hexToBytes,
  isBeaconKeyAllowed,
  verifyPulse,
} from '../../src/index.ts';
import { QUICKNET } from './vectors.ts';

const quicknet = hexToBytes(QUICKNET.publicKey);
const [[ROUND, PULSE]] = QUICKNET.pulses;
const pulse = hexToBytes(PULSE);
const beacon = createBeaconSigner(new Uint8Array(32).fill(7));

/** Zero of a group, as the standard encodes it. */
const zeroOf = (length: number) => Uint8Array.from({ length }, (_, at) => (at === 0 ? 0xc0 : 0));

/** The compressed form of a point with this x; its sign is the even one. */
const compressed = (x: Uint8Array): Uint8Array => x.with(0, x[0]! | 0x80);

/** Points that are on the curve of G1, with x = 4, and of G2, with x = 2, and outside their subgroups. */
const OUTSIDE_G1 = compressed(bls12_381.fields.Fp.toBytes(4n));
const OUTSIDE_G2 = compressed(Uint8Array.of(...new Uint8Array(48), ...bls12_381.fields.Fp.toBytes(2n)));

describe('the published pulses of drand quicknet', () => {
  it.each(QUICKNET.pulses)(
    'has round %d, and its randomness is the hash of its signature',
    (round, signature, randomness) => {
      expect(verifyPulse(quicknet, round, hexToBytes(signature))).toBe(true);
      const digest = bytesToHex(createPureCrypto().sha256(hexToBytes(signature)));
      if (randomness !== null) expect(digest).toBe(randomness);
    },
  );
});

describe('verifyPulse', () => {
  it('refuses the pulse of another round, and of another beacon', () => {
    expect(verifyPulse(quicknet, ROUND + 1n, pulse)).toBe(false);
    expect(verifyPulse(beacon.publicKey, ROUND, pulse)).toBe(false);
    expect(verifyPulse(quicknet, ROUND, beacon.sign(ROUND))).toBe(false);
  });

  it('knows no round outside 64 bits, nor round 0', () => {
    for (const round of [0n, -1n, 1n << 64n])
      expect(verifyPulse(quicknet, round, pulse), `${round}`).toBe(false);
    expect(verifyPulse(beacon.publicKey, (1n << 64n) - 1n, beacon.sign((1n << 64n) - 1n))).toBe(true);
  });

  it('takes a signature in one form only', () => {
    const point = bls12_381.G1.Point.fromBytes(pulse);
    const forms = {
      empty: new Uint8Array(0),
      short: pulse.subarray(1),
      long: Uint8Array.of(...pulse, 0),
      uncompressed: point.toBytes(false),
      negative: point.negate().toBytes(true),
      zero: zeroOf(48),
      'zero with a sign': Uint8Array.from(zeroOf(48), (byte, at) => (at === 0 ? 0xe0 : byte)),
      'without the flag of compression': Uint8Array.from(pulse, (byte, at) =>
        at === 0 ? byte & 0x7f : byte,
      ),
      'outside the subgroup': OUTSIDE_G1,
      'above the field': new Uint8Array(48).fill(0xff).with(0, 0x9f),
      'all zero bytes': new Uint8Array(48),
    };
    for (const [form, bytes] of Object.entries(forms))
      expect(verifyPulse(quicknet, ROUND, bytes), form).toBe(false);
  });

  it('refuses every key that is not one, whatever the signature', () => {
    const keys = {
      empty: new Uint8Array(0),
      zero: zeroOf(96),
      'a point of G1': pulse,
      'outside the subgroup': OUTSIDE_G2,
      'above the field': new Uint8Array(96).fill(0xff).with(0, 0x9f),
      uncompressed: bls12_381.G2.Point.fromBytes(quicknet).toBytes(false),
    };
    for (const [form, key] of Object.entries(keys)) {
      expect(isBeaconKeyAllowed(key), form).toBe(false);
      expect(verifyPulse(key, ROUND, pulse), form).toBe(false);
      // Zero as key and as signature satisfy the equation of every round.
      expect(verifyPulse(key, ROUND, zeroOf(48)), form).toBe(false);
    }
    expect(isBeaconKeyAllowed(quicknet)).toBe(true);
  });
});

describe('the points outside their subgroups', () => {
  it('are points of their curves, so that only the subgroup speaks against them', () => {
    const unfit = 'not in prime-order subgroup';
    expect(() => bls12_381.G1.Point.fromBytes(OUTSIDE_G1)).toThrow(unfit);
    expect(() => bls12_381.G2.Point.fromBytes(OUTSIDE_G2)).toThrow(unfit);
  });
});

describe('createBeaconSigner', () => {
  it('makes pulses that hold for its own key and round', () => {
    expect(verifyPulse(beacon.publicKey, 5n, beacon.sign(5n))).toBe(true);
    expect(verifyPulse(beacon.publicKey, 6n, beacon.sign(5n))).toBe(false);
  });

  it('takes no secret key outside the group', () => {
    for (const key of [new Uint8Array(32), new Uint8Array(32).fill(0xff), new Uint8Array(31).fill(1)])
      expect(() => createBeaconSigner(key)).toThrow(expect.objectContaining({ code: 'BYTES_MALFORMED' }));
  });
});
