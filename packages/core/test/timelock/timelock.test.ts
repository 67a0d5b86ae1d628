import { bls12_381 } from '@noble/curves/bls12-381.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bytesToHex,
  createBeaconSigner,
  hexToBytes,
  openWithPulse,
  sealToRound,
  TIMELOCK_OVERHEAD_BYTES,
  utf8ToBytes,
} from '../../src/index.ts';
import { unlockKey } from '../../src/timelock/identity-encryption.ts';
import { readG1 } from '../../src/timelock/points.ts';
import { QUICKNET, TLOCK_FROM_GO } from './vectors.ts';

const beacon = createBeaconSigner(new Uint8Array(32).fill(9));
const ROUND = 77n;
const pulse = beacon.sign(ROUND);
const PLAIN = utf8ToBytes('weights that nobody sees yet');
const RANDOM = Uint8Array.from({ length: 32 }, (_, at) => 3 * at + 1);
const sealed = sealToRound(beacon.publicKey, ROUND, PLAIN, RANDOM);

describe('a key that drand tlock locked in Go', () => {
  it('opens by the published pulse of its round', () => {
    const point = readG1(hexToBytes(TLOCK_FROM_GO.signature))!;
    const stanza = Uint8Array.from(Buffer.from(TLOCK_FROM_GO.stanza, 'base64'));
    expect(bytesToHex(unlockKey(point, stanza)!)).toBe(TLOCK_FROM_GO.key);
    for (const at of [0, 50, 95, 96, 111, 112, 127]) {
      const bent = stanza.with(at, stanza[at]! ^ 1);
      expect(unlockKey(point, bent), `byte ${at}`).toBeNull();
    }
  });
});

describe('sealToRound', () => {
  it('is opened by the published pulses of quicknet, each by its own', () => {
    const publicKey = hexToBytes(QUICKNET.publicKey);
    const [[round, first], [, second]] = QUICKNET.pulses;
    const message = sealToRound(publicKey, round, PLAIN, RANDOM);
    expect(openWithPulse(message, hexToBytes(first))).toEqual(PLAIN);
    expect(openWithPulse(message, hexToBytes(second))).toBeNull();
  });

  it('opens to what was sealed, whatever its length', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.bigInt({ min: 1n, max: (1n << 64n) - 1n }),
        (plaintext, randomness, round) => {
          const message = sealToRound(beacon.publicKey, round, plaintext, randomness);
          expect(message.length).toBe(plaintext.length + TIMELOCK_OVERHEAD_BYTES);
          expect(openWithPulse(message, beacon.sign(round))).toEqual(plaintext);
        },
      ),
      { seed: 20_261_001, numRuns: 12 },
    );
  });

  it('says nothing of the plaintext without the pulse: it looks the same as another of its length', () => {
    const other = sealToRound(beacon.publicKey, ROUND, new Uint8Array(PLAIN.length), RANDOM.with(0, 200));
    expect(other.length).toBe(sealed.length);
    expect(openWithPulse(sealed, beacon.sign(ROUND + 1n))).toBeNull();
    expect(bytesToHex(sealed)).not.toContain(bytesToHex(PLAIN.subarray(0, 4)));
  });

  it('takes a key, a round and randomness that are ones', () => {
    const refused = (code: string) => expect.objectContaining({ code });
    expect(() => sealToRound(pulse, ROUND, PLAIN, RANDOM)).toThrow(refused('BYTES_MALFORMED'));
    expect(() => sealToRound(beacon.publicKey, ROUND, PLAIN, RANDOM.subarray(1))).toThrow(
      refused('BYTES_MALFORMED'),
    );
    for (const round of [0n, 1n << 64n])
      expect(() => sealToRound(beacon.publicKey, round, PLAIN, RANDOM)).toThrow(
        refused('VALUE_OUT_OF_RANGE'),
      );
  });
});

describe('openWithPulse', () => {
  it('opens nothing that was bent, at any byte', () => {
    for (let at = 0; at < sealed.length; at += 7)
      expect(openWithPulse(sealed.with(at, sealed[at]! ^ 0x10), pulse), `byte ${at}`).toBeNull();
  });

  it('opens nothing cut, lengthened or empty', () => {
    for (const length of [0, 1, 48, 96, TIMELOCK_OVERHEAD_BYTES - 1, sealed.length - 1])
      expect(openWithPulse(sealed.subarray(0, length), pulse), `${length} bytes`).toBeNull();
    expect(openWithPulse(Uint8Array.of(...sealed, 0), pulse)).toBeNull();
  });

  it('opens nothing whose point is zero, in another form or garbage', () => {
    const zero = Uint8Array.from(sealed, (byte, at) => (at === 0 ? 0xc0 : at < 96 ? 0 : byte));
    const negative = sealed.slice();
    negative.set(bls12_381.G2.Point.fromBytes(sealed.subarray(0, 96)).negate().toBytes(true));
    const garbage = sealed.slice().fill(0xab, 0, 96);
    for (const [name, bytes] of Object.entries({ zero, negative, garbage }))
      expect(openWithPulse(bytes, pulse), name).toBeNull();
  });

  it('is not opened by what is no pulse', () => {
    const zero = Uint8Array.from({ length: 48 }, (_, at) => (at === 0 ? 0xc0 : 0));
    for (const bytes of [new Uint8Array(0), new Uint8Array(48), zero, beacon.publicKey])
      expect(openWithPulse(sealed, bytes)).toBeNull();
  });

  it('gives no body of one message to another with the same key', () => {
    const other = sealToRound(
      beacon.publicKey,
      ROUND,
      PLAIN.map((byte) => byte ^ 1),
      RANDOM,
    );
    const mixed = sealed.slice();
    mixed.set(other.subarray(128), 128);
    mixed.set(sealed.subarray(sealed.length - 32), sealed.length - 32);
    expect(openWithPulse(mixed, pulse)).toBeNull();
  });
});
