import { bytesToHex, createPureCrypto, hexToBytes, utf8ToBytes } from '@cairn/core';
import { createPureSealCrypto } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { dhkemSecret, hpkeContext, KEM_X25519 } from '../../src/seal/hpke.ts';
import { createXWingKey, xWingEncapsulate } from '../../src/seal/x-wing.ts';

const crypto = createPureSealCrypto();
const { sha256 } = createPureCrypto();

/** RFC 9180, appendix A.2.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305, base mode. */
const RFC = {
  info: '4f6465206f6e2061204772656369616e2055726e',
  senderSecret: 'f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600',
  receiverPublic: '4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a',
  receiverSecret: '8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb',
  enc: '1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a',
  shared: '0bbe78490412b4bbea4812666f7916932b828bba79942424abb65244930d69a7',
  key: 'ad2744de8e17f4ebba575b3f5f5a8fa1f69c2a07f6e7500bc60ca6e3e3ec1c91',
  nonce: '5c4d98150661b848853b547f',
  plaintext: '4265617574792069732074727574682c20747275746820626561757479',
  aad: '436f756e742d30',
  ciphertext: '1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28',
  exported: '4bbd6243b8bb54cec311fac9df81841b6fd61f56538a775e7c80a9f40160606e',
};

describe('HPKE in base mode', () => {
  it('derives what RFC 9180 A.2.1 derives, from both ends', () => {
    const publicKey = hexToBytes(RFC.receiverPublic);
    const enc = hexToBytes(RFC.enc);
    const sender = crypto.x25519(hexToBytes(RFC.senderSecret));
    expect(bytesToHex(sender.publicKey)).toBe(RFC.enc);
    const sent = sender.agree(publicKey) as Uint8Array;
    const received = crypto.x25519(hexToBytes(RFC.receiverSecret)).agree(enc) as Uint8Array;
    expect(bytesToHex(received)).toBe(bytesToHex(sent));
    const shared = dhkemSecret(crypto, sent, enc, publicKey);
    expect(bytesToHex(shared)).toBe(RFC.shared);
    const context = hpkeContext(crypto, KEM_X25519, shared, hexToBytes(RFC.info));
    expect(bytesToHex(context.key)).toBe(RFC.key);
    expect(bytesToHex(context.nonce)).toBe(RFC.nonce);
    const aad = hexToBytes(RFC.aad);
    const sealed = crypto.aead(context.key).seal(context.nonce, aad, hexToBytes(RFC.plaintext));
    expect(bytesToHex(sealed)).toBe(RFC.ciphertext);
    expect(bytesToHex(context.exportSecret(new Uint8Array(0)))).toBe(RFC.exported);
  });
});

/** draft-connolly-cfrg-xwing-kem-10, appendix C, the first vector; the ciphertext by its SHA-256. */
const X_WING = {
  seed: '7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26',
  random:
    '3cb1eea988004b93103cfb0aeefd2a686e01fa4a58e8a3639ca8a1e3f9ae57e235b8cc873c23dc62b8d260169afa2f75ab916a58d974918835d25e6a435085b2',
  shared: 'd2df0522128f09dd8e2c92b1e905c793d8f57a54c3da25861f10bf4ca613e384',
  encSha256: '17cd532d657e44c897ca6583e548a5424fc70bf54f99515a4d2bcf99e3469f33',
  encStart: 'b83aa828d4d62b9a83ceffe1d3d3bb1ef31264643c070c5798927e41fb07914a',
};

describe('X-Wing', () => {
  it('makes and opens what the draft makes', () => {
    const key = createXWingKey(crypto, hexToBytes(X_WING.seed));
    const made = xWingEncapsulate(crypto, key.publicKey, hexToBytes(X_WING.random));
    if (made === null) throw new Error('the key of the draft was refused');
    expect(bytesToHex(made.enc.subarray(0, 32))).toBe(X_WING.encStart);
    expect(bytesToHex(sha256(made.enc))).toBe(X_WING.encSha256);
    expect(bytesToHex(made.shared)).toBe(X_WING.shared);
    expect(bytesToHex(key.decapsulate(made.enc) as Uint8Array)).toBe(X_WING.shared);
  });

  it('refuses a public key whose coefficients are above the modulus, and a point of small order', () => {
    const key = createXWingKey(crypto, hexToBytes(X_WING.seed));
    const random = hexToBytes(X_WING.random);
    const large = key.publicKey.slice();
    large.fill(0xff, 0, 3);
    expect(xWingEncapsulate(crypto, large, random)).toBeNull();
    const small = key.publicKey.slice();
    small.fill(0, 1184);
    expect(xWingEncapsulate(crypto, small, random)).toBeNull();
    const made = xWingEncapsulate(crypto, key.publicKey, random);
    const enc = (made as { enc: Uint8Array }).enc.slice();
    enc.fill(0, 1088);
    expect(key.decapsulate(enc)).toBeNull();
  });
});

/** RFC 7748, 5.2, and RFC 8439, 2.8.2 are in the libraries' own tests; these are the house's edges. */
describe('the pure seal crypto', () => {
  it('opens nothing shorter than a tag and nothing changed', () => {
    const key = sha256(utf8ToBytes('key'));
    const nonce = new Uint8Array(12);
    const none = new Uint8Array(0);
    expect(crypto.aead(key).open(nonce, none, new Uint8Array(15))).toBeNull();
    expect(crypto.aead(key).open(nonce, none, new Uint8Array(16))).toBeNull();
    const sealed = crypto.aead(key).seal(nonce, none, none);
    expect(crypto.aead(key).open(nonce, none, sealed)).toEqual(none);
  });
});
