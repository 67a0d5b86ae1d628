import { describe, expect, it } from 'vitest';
import {
  authorizationAccount,
  bytesToHex,
  createPureCrypto,
  encode,
  hexToBytes,
  utf8ToBytes,
  verifyAuthorization,
  verifyWebauthn,
  webauthnAssertionShape,
} from '../../src/index.ts';
import vectors from '../vectors/webauthn-assertions.json' with { type: 'json' };
import { anAssertion, MESSAGE, makeWebauthnCases, PUBLIC_KEY } from './webauthn-cases.ts';

const crypto = createPureCrypto();

describe('webauthn', () => {
  it('has the vectors that its ceremonies make', () => {
    expect({
      message: bytesToHex(MESSAGE),
      publicKey: bytesToHex(PUBLIC_KEY),
      cases: makeWebauthnCases().map((one) => ({ ...one, assertion: bytesToHex(one.assertion) })),
    }).toEqual(vectors);
  });

  it.each(vectors.cases.map((one) => [one.valid ? 'accepts' : 'refuses', one.what, one] as const))(
    '%s %s',
    (_verb, _what, one) => {
      const accepted = verifyWebauthn(
        crypto,
        hexToBytes(vectors.publicKey),
        hexToBytes(vectors.message),
        hexToBytes(one.assertion),
      );
      expect(accepted).toBe(one.valid);
    },
  );

  it('refuses an assertion with any single bit changed', () => {
    const good = anAssertion();
    let accepted = 0;
    for (let bit = 0; bit < good.length * 8; bit++) {
      const changed = good.slice();
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      if (verifyWebauthn(crypto, PUBLIC_KEY, MESSAGE, changed)) accepted++;
    }
    expect(accepted).toBe(0);
  });

  it('refuses an assertion for another message or key', () => {
    const other = hexToBytes('0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6');
    expect(verifyWebauthn(crypto, PUBLIC_KEY, utf8ToBytes('another message'), anAssertion())).toBe(false);
    expect(verifyWebauthn(crypto, other, MESSAGE, anAssertion())).toBe(false);
    expect(verifyWebauthn(crypto, PUBLIC_KEY.subarray(1), MESSAGE, anAssertion())).toBe(false);
  });

  it('is one account with the raw key, whose signatures it cannot pass for', () => {
    const signature = anAssertion();
    const passkey = { scheme: 'webauthn', publicKey: PUBLIC_KEY, signature } as const;
    const raw = { ...passkey, scheme: 'p256' } as const;
    expect(verifyAuthorization(crypto, passkey, MESSAGE)).toBe(true);
    expect(verifyAuthorization(crypto, raw, MESSAGE)).toBe(false);
    expect(authorizationAccount(crypto, passkey)).toEqual(authorizationAccount(crypto, raw));
    expect(authorizationAccount(crypto, { ...raw, scheme: 'ed25519' })).not.toEqual(
      authorizationAccount(crypto, raw),
    );
  });

  it.each([
    ['authenticatorData', 513],
    ['clientDataJson', 1025],
  ])('cannot hold %s of %i bytes', (field, size) => {
    const parts = {
      rpId: 'cairn.example',
      authenticatorData: new Uint8Array(37),
      clientDataJson: new Uint8Array(),
      signature: new Uint8Array(64),
    };
    expect(() => encode(webauthnAssertionShape, { ...parts, [field]: new Uint8Array(size) })).toThrow(
      expect.objectContaining({ code: 'VALUE_OUT_OF_RANGE' }),
    );
  });
});
