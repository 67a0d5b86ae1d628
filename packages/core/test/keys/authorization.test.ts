import { p256 } from '@noble/curves/nist.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Authorization,
  authorizationShape,
  authorize,
  bytesToHex,
  createEd25519Signer,
  createPureCrypto,
  decode,
  derToP256Signature,
  encode,
  hexToBytes,
  lowerP256Signature,
  SIGNATURE_SCHEMES,
  utf8ToBytes,
  verifyAuthorization,
} from '../../src/index.ts';

const crypto = createPureCrypto();
const message = utf8ToBytes('message');

describe('authorization', () => {
  it('carries an ed25519 signature over the wire', async () => {
    const proof = await authorize(createEd25519Signer(new Uint8Array(32).fill(1)), message);
    const received = decode(authorizationShape, encode(authorizationShape, proof));
    expect(received).toEqual(proof);
    expect(verifyAuthorization(crypto, received, message)).toBe(true);
    expect(verifyAuthorization(crypto, received, utf8ToBytes('massage'))).toBe(false);
  });

  it('carries a P-256 signature over the wire', () => {
    const { secretKey, publicKey } = p256.keygen(new Uint8Array(48).fill(3));
    const proof: Authorization = {
      scheme: 'p256',
      publicKey,
      signature: lowerP256Signature(p256.sign(message, secretKey)),
    };
    const received = decode(authorizationShape, encode(authorizationShape, proof));
    expect(verifyAuthorization(crypto, received, message)).toBe(true);
  });

  it('refuses a signature under the name of another scheme', async () => {
    const proof = await authorize(createEd25519Signer(new Uint8Array(32).fill(1)), message);
    for (const scheme of ['p256', 'webauthn'] as const) {
      expect(verifyAuthorization(crypto, { ...proof, scheme }, message), scheme).toBe(false);
    }
  });

  it('numbers the schemes as account ids do', () => {
    for (const [scheme, number] of Object.entries(SIGNATURE_SCHEMES)) {
      const proof = { scheme, publicKey: new Uint8Array(), signature: new Uint8Array() } as Authorization;
      expect(encode(authorizationShape, proof)[0], scheme).toBe(number);
    }
  });

  it.each([
    { scheme: 'ed25519', publicKey: new Uint8Array(34), signature: new Uint8Array() },
    { scheme: 'ed25519', publicKey: new Uint8Array(), signature: new Uint8Array(2561) },
    { scheme: 'bls', publicKey: new Uint8Array(), signature: new Uint8Array() },
  ])('cannot be written out of its bounds', (proof) => {
    expect(() => encode(authorizationShape, proof as Authorization)).toThrow(
      expect.objectContaining({ code: 'VALUE_OUT_OF_RANGE' }),
    );
  });

  it('decodes only what it would encode and never verifies noise', () => {
    const noise = fc.record({
      scheme: fc.constantFrom('ed25519', 'p256', 'webauthn'),
      publicKey: fc.uint8Array({ maxLength: 33 }),
      signature: fc.uint8Array({ maxLength: 300 }),
    });
    fc.assert(
      fc.property(noise, fc.uint8Array({ maxLength: 60 }), (proof, text) => {
        expect(decode(authorizationShape, encode(authorizationShape, proof as Authorization))).toEqual(proof);
        expect(verifyAuthorization(crypto, proof as Authorization, text)).toBe(false);
      }),
    );
  });
});

describe('ed25519 signer', () => {
  it('keeps its own copy of the key', async () => {
    const secretKey = new Uint8Array(32).fill(5);
    const signer = createEd25519Signer(secretKey);
    const before = await signer.sign(message);
    secretKey.fill(0);
    expect(await signer.sign(message)).toEqual(before);
  });

  it.each([0, 31, 33, 64])('refuses a key of %i bytes and does not show it', (length) => {
    expect(() => createEd25519Signer(new Uint8Array(length).fill(0xab))).toThrow(
      expect.objectContaining({ code: 'BYTES_MALFORMED', message: expect.not.stringContaining('171') }),
    );
  });
});

describe('DER signatures', () => {
  const seed = fc.uint8Array({ minLength: 48, maxLength: 48 });

  it('become raw signatures with low s', () => {
    fc.assert(
      fc.property(seed, fc.uint8Array({ maxLength: 50 }), fc.boolean(), (material, text, isHigh) => {
        const { secretKey, publicKey } = p256.keygen(material);
        const { r, s } = p256.Signature.fromBytes(lowerP256Signature(p256.sign(text, secretKey)));
        const der = new p256.Signature(r, isHigh ? p256.Point.Fn.ORDER - s : s).toBytes('der');
        expect(crypto.verifyP256(publicKey, text, derToP256Signature(der))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('of small numbers are filled with zeros', () => {
    const raw = derToP256Signature(hexToBytes('30060201010201ff'.replace('0201ff', '02017f')));
    expect(bytesToHex(raw)).toBe(`${'00'.repeat(31)}01${'00'.repeat(31)}7f`);
  });

  it.each([
    ['nothing', ''],
    ['another tag', '31060201010201 7f'],
    ['a wrong length', '30070201010201 7f'],
    ['a long form of the length', '3081060201010201 7f'],
    ['a negative number', '30060201810201 7f'],
    ['needless zeros', '3007020200010201 7f'],
    ['an empty number', '3005020002017f'],
    ['a missing number', '3003020101'],
    ['bytes after s', '30070201010201 7f00'],
    ['a number that runs out of the sequence', '30060201010205 7f'],
    ['a number of 33 bytes', `30260221${'7f'.repeat(33)}02017f`],
    ['a number of 34 bytes', `30270222${'00'.repeat(1)}${'ff'.repeat(33)}02017f`],
  ])('are refused: %s', (_, hex) => {
    expect(() => derToP256Signature(hexToBytes(hex.replace(' ', '')))).toThrow(
      expect.objectContaining({ code: 'BYTES_MALFORMED' }),
    );
  });
});
