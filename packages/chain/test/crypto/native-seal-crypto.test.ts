import { createNativeSealCrypto } from '@cairn/chain';
import { createPureSealCrypto, createSealingKey, openRequest, sealRequest } from '@cairn/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const native = createNativeSealCrypto();
const pure = createPureSealCrypto();
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const nonces = fc.uint8Array({ minLength: 12, maxLength: 12 });

describe('the native seal crypto', () => {
  it('makes the same keys and secrets as the pure one', () => {
    fc.assert(
      fc.property(bytes32, bytes32, (ours, theirs) => {
        const point = pure.x25519(theirs).publicKey;
        expect(native.x25519(ours).publicKey).toEqual(pure.x25519(ours).publicKey);
        expect(native.x25519(ours).agree(point)).toEqual(pure.x25519(ours).agree(point));
      }),
      { numRuns: 20 },
    );
  });

  it('authenticates as it does, with keys shorter and longer than a block', () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(bytes, bytes, (key, message) => {
        expect(native.hmacSha256(key, message)).toEqual(pure.hmacSha256(key, message));
      }),
    );
    for (const length of [0, 63, 64, 65, 1152]) {
      const key = new Uint8Array(length).fill(0x5c);
      expect(native.hmacSha256(key, key), `${length} bytes`).toEqual(pure.hmacSha256(key, key));
    }
  });

  it('has fresh keys that agree with every key, known or not, and never twice the same', () => {
    const random = new Uint8Array(32).fill(7);
    const [one, other] = [native.freshX25519(random), native.freshX25519(random)];
    expect(one.publicKey).not.toEqual(other.publicKey);
    const lasting = pure.x25519(random);
    expect(one.agree(lasting.publicKey)).toEqual(lasting.agree(one.publicKey));
    expect(other.agree(lasting.publicKey)).toEqual(lasting.agree(other.publicKey));
    expect(one.agree(new Uint8Array(32)), 'a point of small order').toBeNull();
    // More keys than are kept parsed, and then the first again.
    for (let at = 0; at <= 300; at++) {
      const theirs = native.x25519(new Uint8Array(32).fill(at % 150, at < 150 ? 0 : 16));
      expect(one.agree(theirs.publicKey), `key ${at}`).toEqual(theirs.agree(one.publicKey));
    }
  });

  it('agrees with it on points of small order, points above the prime and the ignored top bit', () => {
    const secret = new Uint8Array(32).fill(9);
    const edges = [
      new Uint8Array(32),
      Uint8Array.of(1, ...new Uint8Array(31)),
      Uint8Array.of(0xec, ...new Uint8Array(30).fill(0xff), 0x7f),
      Uint8Array.of(0xed, ...new Uint8Array(30).fill(0xff), 0x7f),
      Uint8Array.of(0xee, ...new Uint8Array(30).fill(0xff), 0x7f),
      Uint8Array.of(0xf6, ...new Uint8Array(30).fill(0xff), 0x7f),
      new Uint8Array(32).fill(0xff),
      Uint8Array.of(9, ...new Uint8Array(30), 0x80),
    ];
    for (const [index, point] of edges.entries())
      expect(native.x25519(secret).agree(point), `edge ${index}`).toEqual(pure.x25519(secret).agree(point));
    expect(native.x25519(secret).agree(new Uint8Array(32))).toBeNull();
  });

  it('seals and opens the same bytes, short or long, and opens nothing changed', () => {
    fc.assert(
      fc.property(bytes32, nonces, fc.uint8Array({ maxLength: 3000 }), (key, nonce, text) => {
        const aad = key.subarray(0, 5);
        const ours = native.aead(key);
        const sealed = ours.seal(nonce, aad, text);
        expect(sealed).toEqual(pure.aead(key).seal(nonce, aad, text));
        expect(ours.seal(nonce, aad, text), 'once more').toEqual(sealed);
        expect(ours.open(nonce, aad, sealed)).toEqual(text);
        const changed = sealed.slice();
        changed[text.length >> 1] = (changed[text.length >> 1] as number) ^ 1;
        expect(ours.open(nonce, aad, changed)).toBeNull();
        expect(ours.open(nonce, key, sealed)).toBeNull();
        expect(ours.open(nonce, aad, sealed.subarray(0, 15))).toBeNull();
      }),
      { numRuns: 30 },
    );
  });

  it('has the ML-KEM of the pure one, whoever of the two begins', () => {
    const seed = Uint8Array.from({ length: 64 }, (_, at) => at);
    const random = new Uint8Array(32).fill(3);
    expect(native.mlKem768(seed).publicKey).toEqual(pure.mlKem768(seed).publicKey);
    for (const [one, other] of [
      [native, pure],
      [pure, native],
    ] as const) {
      const made = one.mlKem768Encapsulate(other.mlKem768(seed).publicKey, random);
      if (made === null) throw new Error('the key was refused');
      expect(other.mlKem768(seed).decapsulate(made.ciphertext)).toEqual(made.shared);
      const changed = made.ciphertext.slice();
      changed[5] = (changed[5] as number) ^ 1;
      expect(native.mlKem768(seed).decapsulate(changed)).toEqual(pure.mlKem768(seed).decapsulate(changed));
    }
    const large = pure.mlKem768(seed).publicKey.slice();
    large.fill(0xff, 0, 3);
    expect(native.mlKem768Encapsulate(large, random)).toBeNull();
    expect(pure.mlKem768Encapsulate(large, random)).toBeNull();
  });

  it('opens what a browser sealed', () => {
    const seed = new Uint8Array(32).fill(1);
    const key = createSealingKey(native, seed);
    const part = new Uint8Array(32).fill(2);
    const binding = { chainId: part, provider: part, channel: part, requestHash: part, artifact: part };
    const body = new Uint8Array(5_000).fill(7);
    for (const keys of [key.public, { ...key.public, xWing: new Uint8Array(0) }]) {
      const { bytes, opener } = sealRequest(pure, keys, binding, body, new Uint8Array(64).fill(4));
      const opened = openRequest(native, [key], binding, bytes);
      expect(opened.body).toEqual(body);
      expect(opener.open(opened.sealer(part).seal(part, true))).toEqual(part);
    }
  });
});
