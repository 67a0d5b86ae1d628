import { createEd25519Signer, type Random, type Signer } from '@cairn/core';
import { entropyToMnemonic, mnemonicToSeed, validateMnemonic } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { HDKey } from 'micro-key-producer/slip10.js';
import { SdkError } from '../errors.ts';

/** "CAIR" in ASCII, which no network has registered in SLIP-0044. */
const COIN_TYPE = 0x43_41_49_52;

const MAX_INDEX = 0x7fff_ffff;

export interface WalletParts {
  random: Random;
}

export interface CreateWalletOptions {
  /** Words of the mnemonic. @default 24 */
  words?: 12 | 24;
}

/**
 * A family of accounts made from one mnemonic. Secrets come out only through the two functions that say
 * so: printing or serialising a wallet shows nothing.
 */
export interface Wallet {
  /** The words to write down. Show them to their owner only. */
  revealMnemonic(): string;
  /** The 32-byte ed25519 key of an account. @throws SdkError `ACCOUNT_INDEX_OUT_OF_RANGE` */
  deriveSecretKey(index: number): Uint8Array;
}

/** SLIP-0010 path of an account; ed25519 knows hardened steps only. */
export function accountPath(index: number): string {
  if (!Number.isInteger(index) || index < 0 || index > MAX_INDEX) {
    throw new SdkError(
      { code: 'ACCOUNT_INDEX_OUT_OF_RANGE', index },
      `An account index is a whole number from 0 to ${MAX_INDEX}, not ${index}.`,
    );
  }
  return `m/44'/${COIN_TYPE}'/${index}'/0'/0'`;
}

/** Makes a wallet from fresh randomness. */
export async function createWallet(parts: WalletParts, options: CreateWalletOptions = {}): Promise<Wallet> {
  const entropy = parts.random.bytes(options.words === 12 ? 16 : 32);
  return importWallet(entropyToMnemonic(entropy, wordlist));
}

/**
 * The wallet of a BIP-39 mnemonic of 12 to 24 English words. Case and white space do not matter.
 * Cost: about 10 ms of key stretching.
 *
 * @throws SdkError `MNEMONIC_INVALID` for unknown words, a wrong count or a wrong checksum.
 */
export async function importWallet(text: string): Promise<Wallet> {
  const mnemonic = text.normalize('NFKD').trim().toLowerCase().split(/\s+/u).join(' ');
  if (!validateMnemonic(mnemonic, wordlist)) {
    throw new SdkError(
      { code: 'MNEMONIC_INVALID' },
      'These words are not a valid mnemonic. Check their spelling and order: the last word guards the others.',
    );
  }
  const master = HDKey.fromMasterSeed(await mnemonicToSeed(mnemonic));
  return {
    revealMnemonic: () => mnemonic,
    deriveSecretKey: (index) => Uint8Array.from(master.derive(accountPath(index)).privateKey),
  };
}

/**
 * The signer of one account of a wallet.
 *
 * @example walletSigner(await importWallet(words)) // the first account
 * @throws SdkError `ACCOUNT_INDEX_OUT_OF_RANGE`
 */
export function walletSigner(wallet: Wallet, index = 0): Signer {
  const secretKey = wallet.deriveSecretKey(index);
  const signer = createEd25519Signer(secretKey);
  secretKey.fill(0);
  return signer;
}
