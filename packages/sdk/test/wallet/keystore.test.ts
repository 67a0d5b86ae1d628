import { inspect } from 'node:util';
import { armor, Decrypter, Encrypter } from 'age-encryption';
import { describe, expect, it } from 'vitest';
import { type KeystoreContents, openKeystore, sealKeystore } from '../../src/index.ts';

const WORDS = 'legal winner thank year wave sausage worth useful legal winner thank yellow';
const PASSPHRASE = 'copper lantern ridge';
const CONTENTS: KeystoreContents = { kind: 'mnemonic', mnemonic: WORDS };
const CHEAP = { workFactor: 2 };

async function aFileWith(plaintext: string): Promise<string> {
  const encrypter = new Encrypter();
  encrypter.setPassphrase(PASSPHRASE);
  encrypter.setScryptWorkFactor(2);
  return armor.encode(await encrypter.encrypt(plaintext));
}

describe('keystore', () => {
  it('gives back the mnemonic it was given', async () => {
    const sealed = await sealKeystore(CONTENTS, PASSPHRASE, CHEAP);
    expect(await openKeystore(sealed, PASSPHRASE)).toEqual(CONTENTS);
  });

  it('gives back the key it was given', async () => {
    const contents: KeystoreContents = { kind: 'secretKey', secretKey: new Uint8Array(32).fill(7) };
    expect(await openKeystore(await sealKeystore(contents, PASSPHRASE, CHEAP), PASSPHRASE)).toEqual(contents);
  });

  it('is an age file with the work factor that was asked for', async () => {
    const sealed = await sealKeystore(CONTENTS, PASSPHRASE, { workFactor: 11 });
    const file = armor.decode(sealed);
    expect(Buffer.from(file).toString('latin1')).toMatch(/^age-encryption\.org\/v1\n-> scrypt \S{22} 11\n/);
    const decrypter = new Decrypter();
    decrypter.addPassphrase(PASSPHRASE);
    expect(JSON.parse(await decrypter.decrypt(file, 'text'))).toEqual({
      version: 1,
      mnemonic: WORDS,
      secretKey: null,
    });
  });

  it('never seals the same secret to the same bytes', async () => {
    expect(await sealKeystore(CONTENTS, PASSPHRASE, CHEAP)).not.toBe(
      await sealKeystore(CONTENTS, PASSPHRASE, CHEAP),
    );
  });

  it('takes a passphrase typed in another Unicode form', async () => {
    const sealed = await sealKeystore(CONTENTS, 'Z\u00fcrichsee 1', CHEAP);
    expect(await openKeystore(sealed, 'Zu\u0308richsee 1')).toEqual(CONTENTS);
  });

  it('says that the passphrase is wrong when it is', async () => {
    const sealed = await sealKeystore(CONTENTS, PASSPHRASE, CHEAP);
    for (const wrong of ['', 'Copper lantern ridge', `${PASSPHRASE} `]) {
      await expect(openKeystore(sealed, wrong), wrong).rejects.toMatchObject({
        code: 'KEYSTORE_WRONG_PASSPHRASE',
      });
    }
  });

  it('finds every changed byte', async () => {
    const file = armor.decode(await sealKeystore(CONTENTS, PASSPHRASE, CHEAP));
    const text = Buffer.from(file).toString('latin1');
    const guarded = text.indexOf('\n', text.indexOf('-> scrypt')) + 1;
    for (let i = 0; i < file.length; i++) {
      const changed = file.slice();
      changed[i] = (changed[i] as number) ^ 1;
      const failure = await openKeystore(armor.encode(changed), PASSPHRASE).catch((error) => error.code);
      expect(failure, `byte ${i}`).toMatch(/^KEYSTORE_(CORRUPT|WRONG_PASSPHRASE)$/);
      if (i > guarded + 43) expect(failure, `byte ${i}`).toBe('KEYSTORE_CORRUPT');
    }
  });

  it('finds every missing end', async () => {
    const file = armor.decode(await sealKeystore(CONTENTS, PASSPHRASE, CHEAP));
    for (let length = 0; length < file.length; length += 7) {
      await expect(
        openKeystore(armor.encode(file.subarray(0, length)), PASSPHRASE),
        `${length} bytes`,
      ).rejects.toMatchObject({
        code: 'KEYSTORE_CORRUPT',
      });
    }
  });

  it.each([
    ['nothing', ''],
    ['a word', 'hello'],
    ['an endless file', 'A'.repeat(1_000_000)],
    ['an empty armor', '-----BEGIN AGE ENCRYPTED FILE-----\n-----END AGE ENCRYPTED FILE-----\n'],
  ])('calls %s corrupt', async (_, text) => {
    await expect(openKeystore(text, PASSPHRASE)).rejects.toMatchObject({ code: 'KEYSTORE_CORRUPT' });
  });

  it.each([
    ['no JSON', 'legal winner'],
    ['a list', '[]'],
    ['another version', JSON.stringify({ version: 2, mnemonic: WORDS, secretKey: null })],
    ['no secret', JSON.stringify({ version: 1, mnemonic: null, secretKey: null })],
    ['two secrets', JSON.stringify({ version: 1, mnemonic: WORDS, secretKey: '07'.repeat(32) })],
    ['a short key', JSON.stringify({ version: 1, mnemonic: null, secretKey: '07' })],
    ['a wrong mnemonic', JSON.stringify({ version: 1, mnemonic: `${WORDS} yellow`, secretKey: null })],
    ['an unknown field', JSON.stringify({ version: 1, mnemonic: WORDS, secretKey: null, extra: 1 })],
    ['no version', JSON.stringify({ mnemonic: WORDS, secretKey: null })],
  ])('calls contents with %s corrupt and does not quote them', async (_, plaintext) => {
    const failure = await openKeystore(await aFileWith(plaintext), PASSPHRASE).catch((error: Error) => error);
    expect(failure).toMatchObject({ code: 'KEYSTORE_CORRUPT' });
    expect(inspect(failure, { depth: 9 })).not.toMatch(/legal|0707/);
  });

  it('calls a file for a key instead of a passphrase corrupt', async () => {
    const encrypter = new Encrypter();
    encrypter.addRecipient('age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj');
    const sealed = armor.encode(await encrypter.encrypt('x'));
    await expect(openKeystore(sealed, PASSPHRASE)).rejects.toMatchObject({ code: 'KEYSTORE_CORRUPT' });
  });

  it('does not try a work factor that would freeze the reader', async () => {
    const file = armor.decode(await sealKeystore(CONTENTS, PASSPHRASE, CHEAP));
    const text = Buffer.from(file)
      .toString('latin1')
      .replace(/(-> scrypt \S+) 2\n/, '$1 40\n');
    await expect(openKeystore(armor.encode(Buffer.from(text, 'latin1')), PASSPHRASE)).rejects.toMatchObject({
      code: 'KEYSTORE_CORRUPT',
    });
  });

  it.each([
    ['PASSPHRASE_TOO_SHORT', CONTENTS, 'seven77', {}],
    ['WORK_FACTOR_OUT_OF_RANGE', CONTENTS, PASSPHRASE, { workFactor: 21 }],
    ['WORK_FACTOR_OUT_OF_RANGE', CONTENTS, PASSPHRASE, { workFactor: 0 }],
    ['WORK_FACTOR_OUT_OF_RANGE', CONTENTS, PASSPHRASE, { workFactor: 1.5 }],
    ['MNEMONIC_INVALID', { kind: 'mnemonic', mnemonic: 'legal winner' }, PASSPHRASE, CHEAP],
    ['VALUE_OUT_OF_RANGE', { kind: 'secretKey', secretKey: new Uint8Array(31) }, PASSPHRASE, CHEAP],
  ] as const)('refuses to seal: %s', async (code, contents, passphrase, options) => {
    await expect(sealKeystore(contents, passphrase, options)).rejects.toMatchObject({ code });
  });
});
