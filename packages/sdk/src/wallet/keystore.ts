import { bytes32, CoreError, optional, struct, text, u8, type ValueOf } from '@cairn/core';
import { validateMnemonic } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { armor, Decrypter, Encrypter, type Stanza } from 'age-encryption';
import { SdkError } from '../errors.ts';

/** What a keystore guards: the words of a wallet, or one ed25519 key. */
export type KeystoreContents =
  | { kind: 'mnemonic'; mnemonic: string }
  | { kind: 'secretKey'; secretKey: Uint8Array };

export interface SealKeystoreOptions {
  /** Base-2 logarithm of the scrypt cost, 1 to 20. 18 takes about a second and 256 MB. @default 18 */
  workFactor?: number;
}

/** The JSON inside a keystore; exactly one of the two secrets is set. */
const plainKeystore = struct('Keystore', {
  version: u8,
  mnemonic: optional(text(256)),
  secretKey: optional(bytes32),
});

const VERSION = 1;
const MIN_PASSPHRASE_LENGTH = 8;
const MAX_WORK_FACTOR = 20;
/** Characters; a keystore has about 700. */
const MAX_KEYSTORE_LENGTH = 8192;

/**
 * Locks a secret with a passphrase: an armored age file, which the `age` program opens as well. The age
 * library takes the salt and the nonces from the randomness of the platform.
 *
 * @throws SdkError `PASSPHRASE_TOO_SHORT`, `WORK_FACTOR_OUT_OF_RANGE`, `MNEMONIC_INVALID`
 */
export async function sealKeystore(
  contents: KeystoreContents,
  passphrase: string,
  options: SealKeystoreOptions = {},
): Promise<string> {
  const workFactor = options.workFactor ?? 18;
  if (!Number.isInteger(workFactor) || workFactor < 1 || workFactor > MAX_WORK_FACTOR) {
    throw new SdkError(
      { code: 'WORK_FACTOR_OUT_OF_RANGE', workFactor },
      `The work factor is a whole number from 1 to ${MAX_WORK_FACTOR}, not ${workFactor}.`,
    );
  }
  if ([...passphrase].length < MIN_PASSPHRASE_LENGTH) {
    throw new SdkError(
      { code: 'PASSPHRASE_TOO_SHORT', minLength: MIN_PASSPHRASE_LENGTH },
      `A passphrase has at least ${MIN_PASSPHRASE_LENGTH} characters. Use a few random words.`,
    );
  }
  const encrypter = new Encrypter();
  encrypter.setPassphrase(normalizePassphrase(passphrase));
  encrypter.setScryptWorkFactor(workFactor);
  return armor.encode(await encrypter.encrypt(`${JSON.stringify(toPlain(contents))}\n`));
}

/**
 * Opens what `sealKeystore` locked. A wrong passphrase and damage to the one line that the passphrase
 * opens cannot be told apart; all other damage is reported as such.
 *
 * @throws SdkError `KEYSTORE_WRONG_PASSPHRASE`, `KEYSTORE_CORRUPT`
 */
export async function openKeystore(armored: string, passphrase: string): Promise<KeystoreContents> {
  return fromPlain(await decrypt(dearmor(armored), normalizePassphrase(passphrase)));
}

/** The same letters typed on different keyboards are one passphrase. */
function normalizePassphrase(passphrase: string): string {
  return passphrase.normalize('NFKC');
}

function corrupt(reason: string, cause?: unknown): SdkError {
  return new SdkError(
    { code: 'KEYSTORE_CORRUPT', reason },
    `This keystore is damaged or is no Cairn keystore: ${reason}. Restore it from a copy or from its mnemonic.`,
    cause === undefined ? {} : { cause },
  );
}

function dearmor(armored: string): Uint8Array {
  if (armored.length > MAX_KEYSTORE_LENGTH) throw corrupt('it is too long');
  try {
    return armor.decode(armored);
  } catch (cause) {
    throw corrupt('it is not an armored age file', cause);
  }
}

async function decrypt(file: Uint8Array, passphrase: string): Promise<string> {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  // Asked only after the passphrase has failed to open a file that is locked by one.
  let isPassphraseWrong = false;
  decrypter.addIdentity({
    unwrapFileKey(stanzas: Stanza[]) {
      isPassphraseWrong = stanzas.length === 1 && stanzas[0]?.args[0] === 'scrypt';
      return null;
    },
  });
  try {
    return await decrypter.decrypt(file, 'text');
  } catch (cause) {
    if (!isPassphraseWrong) throw corrupt('its header or its contents were changed', cause);
    throw new SdkError(
      { code: 'KEYSTORE_WRONG_PASSPHRASE' },
      'This passphrase does not open the keystore. Try again; upper and lower case matter.',
      { cause },
    );
  }
}

function toPlain(contents: KeystoreContents): unknown {
  const mnemonic = contents.kind === 'mnemonic' ? contents.mnemonic : null;
  if (mnemonic !== null && !validateMnemonic(mnemonic, wordlist)) {
    throw new SdkError(
      { code: 'MNEMONIC_INVALID' },
      'Only a valid mnemonic is worth keeping. Check the words.',
    );
  }
  const secretKey = contents.kind === 'secretKey' ? contents.secretKey : null;
  const plain = { version: VERSION, mnemonic, secretKey };
  plainKeystore.toRaw(plain);
  return plainKeystore.toJson(plain);
}

/** No cause is kept here: a parser's message quotes what it read, which is the secret. */
function fromPlain(json: string): KeystoreContents {
  const { version, mnemonic, secretKey } = parsePlain(json);
  if (version !== VERSION) throw corrupt(`its version is ${version} and this program reads ${VERSION}`);
  if (mnemonic !== null && secretKey === null) {
    if (!validateMnemonic(mnemonic, wordlist)) throw corrupt('its mnemonic is not valid');
    return { kind: 'mnemonic', mnemonic };
  }
  if (secretKey !== null && mnemonic === null) return { kind: 'secretKey', secretKey };
  throw corrupt('it does not hold exactly one secret');
}

function parsePlain(json: string): ValueOf<typeof plainKeystore> {
  try {
    return plainKeystore.fromJson(JSON.parse(json));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof CoreError)
      throw corrupt('its contents are not a keystore');
    throw error;
  }
}
