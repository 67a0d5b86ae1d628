import { ed25519 } from '@noble/curves/ed25519.js';
import { p256 } from '@noble/curves/nist.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bytesToHex,
  type Crypto,
  concatBytes,
  createPureCrypto,
  hexToBytes,
  utf8ToBytes,
} from '../../src/index.ts';
import { QUICKNET } from '../timelock/vectors.ts';
import vectors from '../vectors/ed25519-adversarial.json' with { type: 'json' };
import { nonCanonicalEncodings, readVectors, smallOrderEncodings } from './adversarial.ts';
import { makeP256Cases } from './p256-cases.ts';

/** RFC 8032, 7.1: tests 1 to 3. */
const RFC8032 = [
  {
    publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature:
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  },
  {
    publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
  {
    publicKey: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    message: 'af82',
    signature:
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  },
];

/** The promises of the `Crypto` port. Every implementation runs them and so agrees with every other. */
export function describeCrypto(name: string, create: () => Crypto): void {
  const crypto = create();
  const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });
  const message = fc.uint8Array({ maxLength: 300 });

  describe(`${name}: sha256`, () => {
    it.each([
      ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
      ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
      ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
    ])('hashes the published texts', (text, digest) => {
      expect(bytesToHex(crypto.sha256(utf8ToBytes(text)))).toBe(digest);
    });

    it('gives plain bytes that nobody else holds', () => {
      const first = crypto.sha256(Uint8Array.of(1));
      const kept = bytesToHex(first);
      crypto.sha256(Uint8Array.of(2));
      expect(bytesToHex(first)).toBe(kept);
      expect(Object.getPrototypeOf(first)).toBe(Uint8Array.prototype);
    });

    it('agrees with the pure implementation on views at any offset', () => {
      const pure = createPureCrypto();
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 2000 }), fc.nat(64), (data, offset) => {
          const view = data.subarray(Math.min(offset, data.length));
          expect(bytesToHex(crypto.sha256(view))).toBe(bytesToHex(pure.sha256(view)));
        }),
      );
    });
  });

  describe(`${name}: hashPairs`, () => {
    it.each([0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 100, 4097])('hashes each of %i pairs', (count) => {
      const pairs = Uint8Array.from({ length: count * 64 }, (_, i) => (i * 31 + (i >> 8)) & 0xff);
      const out = new Uint8Array(count * 32);
      crypto.hashPairs(pairs, out);
      for (let i = 0; i < count; i++) {
        const expected = crypto.sha256(pairs.subarray(i * 64, i * 64 + 64));
        expect(bytesToHex(out.subarray(i * 32, i * 32 + 32)), `pair ${i}`).toBe(bytesToHex(expected));
      }
    });

    it('reads and writes views at odd offsets and nothing beside them', () => {
      for (const offset of [1, 3, 8, 31]) {
        const pairs = Uint8Array.from({ length: 5 * 64 + offset }, (_, i) => i & 0xff).subarray(offset);
        const whole = new Uint8Array(5 * 32 + offset + 7).fill(0xaa);
        crypto.hashPairs(pairs, whole.subarray(offset, offset + 5 * 32));
        expect(bytesToHex(whole.subarray(offset, offset + 32))).toBe(
          bytesToHex(crypto.sha256(pairs.subarray(0, 64))),
        );
        expect(
          [...whole.subarray(0, offset), ...whole.subarray(offset + 160)].every((byte) => byte === 0xaa),
        ).toBe(true);
      }
    });

    it.each([
      [63, 32],
      [65, 32],
      [64, 31],
      [64, 33],
      [64, 0],
      [0, 32],
      [128, 32],
    ])('refuses %i bytes in and %i bytes out', (input, output) => {
      expect(() => crypto.hashPairs(new Uint8Array(input), new Uint8Array(output))).toThrow(
        expect.objectContaining({ code: 'VALUE_OUT_OF_RANGE' }),
      );
    });
  });

  describe(`${name}: verifyEd25519`, () => {
    const check = (publicKey: string, text: string, signature: string): boolean =>
      crypto.verifyEd25519(hexToBytes(publicKey), hexToBytes(text), hexToBytes(signature));

    it('accepts the signatures of RFC 8032', () => {
      for (const one of RFC8032)
        expect(check(one.publicKey, one.message, one.signature), one.publicKey).toBe(true);
    });

    it('gives the known verdict on 512 adversarial signatures and on every odd encoding', () => {
      for (const one of readVectors(vectors)) {
        expect(crypto.verifyEd25519(one.publicKey, one.message, one.signature), one.what).toBe(one.valid);
      }
    });

    it('refuses every small-order key, whatever is signed with it', () => {
      const encodings = smallOrderEncodings();
      let accepted = 0;
      for (const publicKey of encodings) {
        for (const commitment of encodings) {
          for (let i = 0; i < 16; i++) {
            const signature = concatBytes(commitment, new Uint8Array(32));
            if (crypto.verifyEd25519(publicKey, Uint8Array.of(i), signature)) accepted++;
          }
        }
      }
      expect(encodings.length).toBe(14);
      expect(accepted).toBe(0);
    });

    it('refuses every key that is written with y at or above the prime', () => {
      const neutral = concatBytes(Uint8Array.of(1), new Uint8Array(63));
      for (const publicKey of nonCanonicalEncodings()) {
        expect(crypto.verifyEd25519(publicKey, new Uint8Array(), neutral), bytesToHex(publicKey)).toBe(false);
      }
    });

    it('accepts what an honest key signed and nothing with one bit changed', () => {
      fc.assert(
        fc.property(seed, message, fc.nat(), (secretKey, text, position) => {
          const publicKey = ed25519.getPublicKey(secretKey);
          const signature = ed25519.sign(text, secretKey);
          expect(crypto.verifyEd25519(publicKey, text, signature)).toBe(true);
          const all = concatBytes(publicKey, signature, text);
          const bit = position % (all.length * 8);
          all[bit >> 3] = (all[bit >> 3] as number) ^ (1 << (bit & 7));
          const changed = [all.subarray(0, 32), all.subarray(96), all.subarray(32, 96)] as const;
          expect(crypto.verifyEd25519(...changed)).toBe(false);
        }),
        { numRuns: 60 },
      );
    });
  });

  describe(`${name}: verifyP256`, () => {
    it.each(makeP256Cases().map((one) => [one.what, one] as const))('knows what to say to: %s', (_, one) => {
      expect(crypto.verifyP256(one.publicKey, one.message, one.signature)).toBe(one.valid);
    });

    it('accepts what an honest key signed and nothing with one bit changed', () => {
      fc.assert(
        fc.property(seed, message, fc.nat(), (material, text, position) => {
          const { secretKey, publicKey } = p256.keygen(concatBytes(material, material.subarray(0, 16)));
          const signature = p256.sign(text, secretKey, { lowS: true });
          expect(crypto.verifyP256(publicKey, text, signature)).toBe(true);
          const all = concatBytes(publicKey, signature, text);
          const bit = position % (all.length * 8);
          all[bit >> 3] = (all[bit >> 3] as number) ^ (1 << (bit & 7));
          const changed = [all.subarray(0, 33), all.subarray(97), all.subarray(33, 97)] as const;
          expect(crypto.verifyP256(...changed)).toBe(false);
        }),
        { numRuns: 60 },
      );
    });
  });

  describe(`${name}: bytes of strangers`, () => {
    it('answers false to noise of any length and never throws', () => {
      const noise = fc.uint8Array({ maxLength: 100 });
      const shaped = (length: number) =>
        fc.oneof(noise, fc.uint8Array({ minLength: length, maxLength: length }));
      fc.assert(
        fc.property(shaped(32), shaped(33), shaped(64), noise, (short, long, signature, text) => {
          expect(crypto.verifyEd25519(short, text, signature)).toBe(false);
          expect(crypto.verifyP256(long, text, signature)).toBe(false);
        }),
        { numRuns: 300 },
      );
    });
  });

  describe(`${name}: verifyPulse`, () => {
    it.each(QUICKNET.pulses)('takes the pulse of round %d of drand quicknet', (round, signature) => {
      const [publicKey, pulse] = [hexToBytes(QUICKNET.publicKey), hexToBytes(signature)];
      expect(crypto.verifyPulse(publicKey, round, pulse)).toBe(true);
      expect(crypto.verifyPulse(publicKey, round + 1n, pulse)).toBe(false);
    });
  });
}
