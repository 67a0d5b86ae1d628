import { utf8ToBytes } from '@cairn/core';
import {
  createSealingKey,
  MAX_SEALED_REQUEST_BYTES,
  openRequest,
  type SealBinding,
  sealRequest,
} from '@cairn/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binding, classicKeys, codeOf, crypto, key, named, randomOf } from './parts.ts';

const body = utf8ToBytes('what is the weather on the moon?');
const suites = [
  { suite: 'x25519', keys: classicKeys },
  { suite: 'x-wing', keys: key.public },
] as const;

describe.each(suites)('a request sealed by $suite', ({ suite, keys }) => {
  const sealed = sealRequest(crypto, keys, binding, body, randomOf('a'));

  it('opens for the provider it was sealed for', () => {
    expect(sealed.suite).toBe(suite);
    const opened = openRequest(crypto, [key], binding, sealed.bytes);
    expect(opened.suite).toBe(suite);
    expect(opened.body).toEqual(body);
  });

  it('opens with a key that was rotated away and is still kept, and says so of one that is not', () => {
    const other = createSealingKey(crypto, named('another'));
    expect(openRequest(crypto, [other, key], binding, sealed.bytes).body).toEqual(body);
    expect(codeOf(() => openRequest(crypto, [other], binding, sealed.bytes))).toBe('SEALING_KEY_UNKNOWN');
    expect(codeOf(() => openRequest(crypto, [], binding, sealed.bytes))).toBe('SEALING_KEY_UNKNOWN');
  });

  it('is bound to chain, provider, channel, request and artifact', () => {
    for (const field of Object.keys(binding) as (keyof SealBinding)[]) {
      const elsewhere = { ...binding, [field]: named('elsewhere') };
      expect(
        codeOf(() => openRequest(crypto, [key], elsewhere, sealed.bytes)),
        field,
      ).toBe('SEAL_BROKEN');
    }
  });

  it('does not open with any bit changed, any byte missing or added', () => {
    const { bytes } = sealed;
    for (let at = 0; at < bytes.length; at += suite === 'x-wing' ? 97 : 7) {
      const changed = bytes.slice();
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      const code = codeOf(() => openRequest(crypto, [key], binding, changed));
      expect(['SEAL_BROKEN', 'SEALING_KEY_UNKNOWN'], `byte ${at}`).toContain(code);
    }
    const cuts = [0, 1, 2, 9, 10, 41, 42, 1081, 1129, 1130, bytes.length - 1];
    for (const length of cuts.filter((cut) => cut < bytes.length)) {
      const cut = bytes.subarray(0, length);
      expect(
        codeOf(() => openRequest(crypto, [key], binding, cut)),
        `${length} bytes`,
      ).toBe('SEAL_BROKEN');
    }
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes);
    expect(codeOf(() => openRequest(crypto, [key], binding, longer))).toBe('SEAL_BROKEN');
  });

  it('refuses more bytes than any request has before it looks at them', () => {
    const huge = new Uint8Array(MAX_SEALED_REQUEST_BYTES + 1);
    huge.set(sealed.bytes);
    expect(codeOf(() => openRequest(crypto, [key], binding, huge))).toBe('SEAL_BROKEN');
  });

  it('has a fresh key each time, and a size that says only its class', () => {
    const again = sealRequest(crypto, keys, binding, body, randomOf('b'));
    expect(again.bytes).not.toEqual(sealed.bytes);
    const one = sealRequest(crypto, keys, binding, new Uint8Array(1), randomOf('c'));
    const most = sealRequest(crypto, keys, binding, new Uint8Array(1020), randomOf('d'));
    const next = sealRequest(crypto, keys, binding, new Uint8Array(1021), randomOf('e'));
    expect(one.bytes.length).toBe(most.bytes.length);
    expect(next.bytes.length).toBe(most.bytes.length + 1024);
  });

  it('round-trips any body', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70_000 }), (any) => {
        const { bytes } = sealRequest(crypto, keys, binding, any, randomOf('any'));
        expect(openRequest(crypto, [key], binding, bytes).body).toEqual(any);
      }),
      { numRuns: 8 },
    );
  });
});

describe('keys that cannot be sealed to', () => {
  const x25519 = key.public.x25519;
  const xWing = key.public.xWing;

  it('refuses points of small order, which would make the secret known to all', () => {
    const small = [
      new Uint8Array(32),
      Uint8Array.of(1, ...new Uint8Array(31)),
      // 2^255 − 20, of order 2, and 2^255 − 19, which is 0 again.
      Uint8Array.of(0xec, ...new Uint8Array(30).fill(0xff), 0x7f),
      Uint8Array.of(0xed, ...new Uint8Array(30).fill(0xff), 0x7f),
    ];
    for (const point of small) {
      const keys = { x25519: point, xWing: new Uint8Array(0) };
      expect(codeOf(() => sealRequest(crypto, keys, binding, body, randomOf('a')))).toBe('SEALING_KEY_UNFIT');
    }
  });

  it('refuses keys of another length', () => {
    for (const keys of [
      { x25519: x25519.slice(1), xWing: new Uint8Array(0) },
      { x25519, xWing: xWing.slice(1) },
      { x25519, xWing: new Uint8Array(1) },
    ]) {
      expect(codeOf(() => sealRequest(crypto, keys, binding, body, randomOf('a')))).toBe('SEALING_KEY_UNFIT');
    }
  });

  it('refuses a request that carries a point of small order', () => {
    const { bytes } = sealRequest(crypto, classicKeys, binding, body, randomOf('a'));
    const small = bytes.slice();
    small.fill(0, 10, 42);
    expect(codeOf(() => openRequest(crypto, [key], binding, small))).toBe('SEAL_BROKEN');
  });
});
