import { inspect } from 'node:util';
import { authorize, createPureCrypto, hexToBytes, type Random, verifyAuthorization } from '@cairn/core';
import { mnemonicToSeed } from '@scure/bip39';
import { HDKey } from 'micro-key-producer/slip10.js';
import { describe, expect, it } from 'vitest';
import { accountPath, createWallet, importWallet, walletSigner } from '../../src/index.ts';

const WORDS = 'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about';

const countingRandom = (): Random => ({ bytes: (length) => Uint8Array.from({ length }, (_, i) => i) });
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Paths, private and public keys of the two ed25519 vectors published with SLIP-0010. */
const SLIP10: readonly (readonly [seed: string, path: string, secretKey: string, publicKey: string])[] = [
  [
    '000102030405060708090a0b0c0d0e0f',
    'm',
    '2b4be7f19ee27bbf30c667b642d5f4aa69fd169872f8fc3059c08ebae2eb19e7',
    'a4b2856bfec510abab89753fac1ac0e1112364e7d250545963f135f2a33188ed',
  ],
  [
    '000102030405060708090a0b0c0d0e0f',
    "m/0'",
    '68e0fe46dfb67e368c75379acec591dad19df3cde26e63b93a8e704f1dade7a3',
    '8c8a13df77a28f3445213a0f432fde644acaa215fc72dcdf300d5efaa85d350c',
  ],
  [
    '000102030405060708090a0b0c0d0e0f',
    "m/0'/1'/2'/2'/1000000000'",
    '8f94d394a8e8fd6b1bc2f3f49f5c47e385281d5c17e65324b0f62483e37e8793',
    '3c24da049451555d51a7014a37337aa4e12d41e485abccfa46b47dfb2af54b7a',
  ],
  [
    'fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a29f9c999693908d8a8784817e7b7875726f6c696663605d5a5754514e4b484542',
    'm',
    '171cb88b1b3c1db25add599712e36245d75bc65a1a5c9e18d76f9f2b1eab4012',
    '8fe9693f8fa62a4305a140b9764c5ee01e455963744fe18204b4fb948249308a',
  ],
  [
    'fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a29f9c999693908d8a8784817e7b7875726f6c696663605d5a5754514e4b484542',
    "m/0'",
    '1559eb2bbec5790b0c65d8693e4d0875b1747f4970ae8b650486ed7470845635',
    '86fab68dcb57aa196c77c5f264f215a112c22a912c10d123b0d03c3c28ef1037',
  ],
];

describe('wallet', () => {
  it.each(SLIP10)(
    'derives the published keys of SLIP-0010 from %s along %s',
    (seed, path, secretKey, publicKey) => {
      const key = HDKey.fromMasterSeed(hexToBytes(seed)).derive(path);
      expect(hex(key.privateKey)).toBe(secretKey);
      expect(hex(key.publicKeyRaw)).toBe(publicKey);
    },
  );

  it('stretches a mnemonic as BIP-39 publishes it', async () => {
    expect(hex(await mnemonicToSeed(WORDS, 'TREZOR'))).toBe(
      'c55257c360c07c72029aebc1b53c05ed0362ada38ead3e3e9efa3708e53495531f09a6987599d18264c1e1c92f2cf141630c7a3c4ab7c81b2f001698e7463b04',
    );
  });

  it('keeps its accounts for ever', async () => {
    const wallet = await importWallet(WORDS);
    expect(accountPath(7)).toBe("m/44'/1128352082'/7'/0'/0'");
    expect([0, 1].map((index) => hex(walletSigner(wallet, index).publicKey))).toEqual([
      '27bf31039dd84129d26eca296c200cf05f85f18c838eaa5c605acea2da9cb0ad',
      'febed8433e4945a3e7a680dcffd8967968310277f3ad45561e298552df0c9b78',
    ]);
  });

  it('makes 24 words, or 12, from the randomness it is given', async () => {
    const long = await createWallet({ random: countingRandom() });
    const short = await createWallet({ random: countingRandom() }, { words: 12 });
    expect(long.revealMnemonic().split(' ')).toHaveLength(24);
    expect(short.revealMnemonic().split(' ')).toHaveLength(12);
    const again = await importWallet(long.revealMnemonic());
    expect(again.deriveSecretKey(3)).toEqual(long.deriveSecretKey(3));
  });

  it('reads words in any case and spacing', async () => {
    const wallet = await importWallet(`  ${WORDS.toUpperCase().replaceAll(' ', ' \n\t')} `);
    expect(wallet.revealMnemonic()).toBe(WORDS);
  });

  it.each([
    ['', 'no words'],
    [WORDS.replace('about', 'abandon'), 'a wrong checksum'],
    [WORDS.replace('about', 'abuot'), 'an unknown word'],
    [WORDS.split(' ').slice(1).join(' '), 'eleven words'],
    [`${WORDS} ${WORDS} ${WORDS}`, 'too many words'],
  ])('refuses %j: %s', async (text) => {
    await expect(importWallet(text)).rejects.toMatchObject({ code: 'MNEMONIC_INVALID' });
  });

  it.each([-1, 0.5, 2 ** 31, Number.NaN])('refuses account index %d', async (index) => {
    const wallet = await importWallet(WORDS);
    expect(() => walletSigner(wallet, index)).toThrow(
      expect.objectContaining({ code: 'ACCOUNT_INDEX_OUT_OF_RANGE' }),
    );
  });

  it('signs so that the ledger accepts it', async () => {
    const message = Uint8Array.of(1, 2, 3);
    const proof = await authorize(walletSigner(await importWallet(WORDS)), message);
    expect(verifyAuthorization(createPureCrypto(), proof, message)).toBe(true);
    expect(verifyAuthorization(createPureCrypto(), proof, Uint8Array.of(1, 2, 4))).toBe(false);
  });

  it('shows no secret when it is printed, serialised or refused', async () => {
    const wallet = await importWallet(WORDS);
    const secret = hex(wallet.deriveSecretKey(0));
    const signer = walletSigner(wallet);
    const failure = await importWallet(WORDS.replace('about', 'secretword')).catch((error: Error) => error);
    const shown = [wallet, signer, failure]
      .map((one) => inspect(one, { depth: 9 }) + JSON.stringify(one))
      .join('\n');
    expect(shown).not.toContain('abandon');
    expect(shown).not.toContain('secretword');
    expect(shown).not.toContain(secret);
  });
});
