import { bech32, bech32m } from '@scure/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountIdOf, accountIdToAddress, addressToAccountId, createPureCrypto } from '../src/index.ts';

const id = fc.uint8Array({ minLength: 32, maxLength: 32 });
const KNOWN = accountIdToAddress(new Uint8Array(32).fill(7));
const malformed = expect.objectContaining({ code: 'ADDRESS_MALFORMED' });

describe('address', () => {
  it('names the account it was made from', () => {
    fc.assert(
      fc.property(id, (account) => {
        const address = accountIdToAddress(account);
        expect(addressToAccountId(address)).toEqual(account);
        expect(address).toMatch(/^cairn1[02-9ac-hj-np-z]{58}$/);
      }),
    );
  });

  it('is refused with any one character changed, added, dropped or swapped', () => {
    const alphabet = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l1bioABC ';
    for (let i = 0; i < KNOWN.length; i++) {
      const [before, after] = [KNOWN.slice(0, i), KNOWN.slice(i + 1)];
      for (const character of alphabet) {
        if (character !== KNOWN[i])
          expect(() => addressToAccountId(before + character + after), `${character} at ${i}`).toThrow(
            malformed,
          );
        expect(
          () => addressToAccountId(before + character + KNOWN.slice(i)),
          `${character} before ${i}`,
        ).toThrow(malformed);
      }
      expect(() => addressToAccountId(before + after), `without ${i}`).toThrow(malformed);
      if (after !== '' && after[0] !== KNOWN[i]) {
        expect(
          () => addressToAccountId(before + after[0] + KNOWN[i] + after.slice(1)),
          `swap at ${i}`,
        ).toThrow(malformed);
      }
    }
  });

  it.each([
    ['nothing', ''],
    ['the prefix', 'cairn1'],
    ['capitals', KNOWN.toUpperCase()],
    ['bech32 instead of bech32m', bech32.encode('cairn', bech32.toWords(new Uint8Array(32)))],
    ['another prefix', bech32m.encode('bairn', bech32m.toWords(new Uint8Array(32)))],
    ['31 bytes', bech32m.encode('cairn', bech32m.toWords(new Uint8Array(31)))],
    ['33 bytes', bech32m.encode('cairn', bech32m.toWords(new Uint8Array(33)))],
    [
      'padding that is not zero',
      bech32m.encode('cairn', [...bech32m.toWords(new Uint8Array(32)).slice(0, -1), 1]),
    ],
    ['needless padding', bech32m.encode('cairn', [...bech32m.toWords(new Uint8Array(32)), 0])],
    ['a megabyte', `cairn1${'q'.repeat(1_000_000)}`],
  ])('is refused: %s', (_, text) => {
    expect(() => addressToAccountId(text)).toThrow(malformed);
  });

  it('is one for a P-256 key however it signs, and another for the same bytes of another kind', () => {
    const crypto = createPureCrypto();
    const key = new Uint8Array(33).fill(2);
    expect(accountIdOf(crypto, 'p256', key)).toEqual(accountIdOf(crypto, 'webauthn', key));
    expect(accountIdOf(crypto, 'ed25519', key)).not.toEqual(accountIdOf(crypto, 'p256', key));
  });
});
