import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  bytesToHex,
  concatBytes,
  createEd25519Signer,
  createPureCrypto,
  decode,
  encode,
  lowerP256Signature,
  utf8ToBytes,
  verifyAuthorization,
  verifyWebauthn,
  webauthnAssertionShape,
} from '../../src/index.ts';
import { isSingleCborMap } from '../../src/keys/cbor.ts';
import { isClientDataAllowed, isOriginAllowed } from '../../src/keys/client-data.ts';
import { anAssertion, MESSAGE, PUBLIC_KEY } from '../keys/webauthn-cases.ts';

const crypto = createPureCrypto();

describe('an enemy who replays a passkey', () => {
  it('has a raw signature only of bytes that start with the hash of a domain', () => {
    const { authenticatorData, clientDataJson, signature } = decode(webauthnAssertionShape, anAssertion());
    const signed = concatBytes(authenticatorData, crypto.sha256(clientDataJson));
    const raw = { scheme: 'p256', publicKey: PUBLIC_KEY, signature } as const;
    expect(verifyAuthorization(crypto, raw, signed)).toBe(true);
    expect(bytesToHex(signed.subarray(0, 32))).toBe(bytesToHex(crypto.sha256(utf8ToBytes('cairn.example'))));
  });

  it('cannot lend the envelope of one message to another', () => {
    const envelope = decode(webauthnAssertionShape, anAssertion());
    const other = utf8ToBytes('pay the enemy');
    const json = new TextDecoder()
      .decode(envelope.clientDataJson)
      .replace(
        /"challenge":"[^"]+"/,
        `"challenge":"${Buffer.from(crypto.sha256(other)).toString('base64url')}"`,
      );
    const forged = encode(webauthnAssertionShape, { ...envelope, clientDataJson: utf8ToBytes(json) });
    expect(verifyWebauthn(crypto, PUBLIC_KEY, MESSAGE, anAssertion())).toBe(true);
    expect(verifyWebauthn(crypto, PUBLIC_KEY, other, forged)).toBe(false);
  });

  it('cannot choose the relying party after the fact', () => {
    const envelope = decode(webauthnAssertionShape, anAssertion());
    for (const rpId of ['evil.example', 'example', 'cairn.example.', 'CAIRN.example', '']) {
      expect(
        verifyWebauthn(crypto, PUBLIC_KEY, MESSAGE, encode(webauthnAssertionShape, { ...envelope, rpId })),
        rpId,
      ).toBe(false);
    }
  });
});

describe('an enemy who owns the page', () => {
  const polluted = Object.prototype as unknown as Record<string, unknown>;
  afterEach(() => {
    for (const name of ['type', 'challenge', 'origin', 'crossOrigin']) delete polluted[name];
  });

  it('gains nothing by planting members on the prototype of all objects', () => {
    Object.assign(polluted, { type: 'webauthn.get', challenge: 'c', origin: 'https://cairn.example' });
    expect(isClientDataAllowed(utf8ToBytes('{}'), 'c', 'cairn.example')).toBe(false);
    expect(
      isClientDataAllowed(utf8ToBytes('{"__proto__":{"type":"webauthn.get"}}'), 'c', 'cairn.example'),
    ).toBe(false);
  });

  it('breaks nothing by nesting as deep as the bounds allow', () => {
    const good = '"type":"webauthn.get","challenge":"c","origin":"https://cairn.example"';
    const nested = `{${good},"x":${'['.repeat(450)}${']'.repeat(450)}}`;
    expect(nested.length).toBeLessThanOrEqual(1024);
    expect(isClientDataAllowed(utf8ToBytes(nested), 'c', 'cairn.example')).toBe(true);
    expect(isClientDataAllowed(utf8ToBytes('['.repeat(1024)), 'c', 'cairn.example')).toBe(false);
    expect(isClientDataAllowed(utf8ToBytes('{"":'.repeat(256)), 'c', 'cairn.example')).toBe(false);
  });

  it('cannot repeat a member in any spelling', () => {
    const rest = '"challenge":"c","origin":"https://cairn.example"';
    const spellings = ['type', '\\u0074ype', 't\\u0079pe', 'typ\\u0065', '\\u0074\\u0079\\u0070\\u0065'];
    for (const first of spellings) {
      const single = `{"${first}":"webauthn.get",${rest}}`;
      expect(isClientDataAllowed(utf8ToBytes(single), 'c', 'cairn.example'), single).toBe(true);
      for (const second of spellings) {
        const twice = `{"${first}":"webauthn.create",${rest},"${second}":"webauthn.get"}`;
        expect(isClientDataAllowed(utf8ToBytes(twice), 'c', 'cairn.example'), twice).toBe(false);
      }
    }
  });

  it('finds no origin that a browser would read as another host', () => {
    const characters = fc.constantFrom(
      ...'ab.-:/@#?%\\[]\t\n \u3002\u00ad:0',
      '//',
      '.cairn.example',
      'cairn.example',
      'https://',
    );
    fc.assert(
      fc.property(fc.array(characters, { maxLength: 8 }), (pieces) => {
        const origin = `https://${pieces.join('')}`;
        if (!isOriginAllowed(origin, 'cairn.example')) return;
        const url = new URL(origin);
        expect(url.hostname === 'cairn.example' || url.hostname.endsWith('.cairn.example')).toBe(true);
        expect([url.protocol, url.username, url.pathname, url.search, url.hash]).toEqual([
          'https:',
          '',
          '/',
          '',
          '',
        ]);
      }),
      { numRuns: 20_000 },
    );
  });

  it('gets yes or no for any extension bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 475 }), (bytes) => typeof isSingleCborMap(bytes) === 'boolean'),
      { numRuns: 2000 },
    );
    expect(isSingleCborMap(new Uint8Array(475).fill(0xa1))).toBe(false);
    expect(isSingleCborMap(Uint8Array.of(0xbb, 255, 255, 255, 255, 255, 255, 255, 255))).toBe(false);
    expect(isSingleCborMap(Uint8Array.of(0xa1, 0, 0x5b, 255, 255, 255, 255, 255, 255, 255, 255))).toBe(false);
  });
});

describe('an enemy who keeps the buffer', () => {
  it('cannot change a key after it was handed over', async () => {
    const secretKey = Buffer.alloc(32, 3);
    const signer = createEd25519Signer(secretKey);
    secretKey.fill(0);
    const signature = await signer.sign(MESSAGE);
    expect(crypto.verifyEd25519(signer.publicKey, MESSAGE, signature)).toBe(true);
  });

  it('does not have its signature rewritten in place', () => {
    const signature = Buffer.alloc(64, 0xee);
    const lowered = lowerP256Signature(signature);
    expect(signature.every((byte) => byte === 0xee)).toBe(true);
    expect(lowered[32]).toBe(0x11);
  });
});
