import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Address, accountIdOf, accountIdToAddress, createPureCrypto, type Signer } from '@cairn/core';
import { NodeError, readJsonFile, writeFileDurably } from '@cairn/node';
import { importWallet, openKeystore, sealKeystore, type Wallet, walletSigner } from '@cairn/sdk';
import { CliError, usage } from '../errors.ts';

/** A wallet of a person: a keystore, and beside it the address, so that listing needs no passphrase. */
export interface StoredWallet {
  readonly name: string;
  readonly address: Address;
}

/** Names that roles of a node have; a wallet of the same name would be mistaken for one. */
const ROLE_NAME = /^(gateway|owner|(miner|validator)-\d+)$/;

export function addressOf(signer: Signer): Address {
  return accountIdToAddress(accountIdOf(createPureCrypto(), signer.scheme, signer.publicKey));
}

const folderOf = (data: string) => join(data, 'wallets');
const keystorePath = (data: string, name: string) => join(folderOf(data), `${name}.age`);
const addressPath = (data: string, name: string) => join(folderOf(data), `${name}.json`);

/** @throws CliError `USAGE` */
export function requireWalletName(name: string): string {
  if (!/^[a-z0-9][a-z0-9._-]{0,62}$/.test(name)) {
    throw usage('A wallet is named with lower-case letters, digits, dots, dashes and underscores.');
  }
  if (ROLE_NAME.test(name)) throw usage(`${name} is the name of a role of a node. Choose another name.`);
  return name;
}

/** The wallets in a data folder, by name. */
export async function listWallets(data: string): Promise<StoredWallet[]> {
  let files: string[];
  try {
    files = await readdir(folderOf(data));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const names = files.filter((file) => file.endsWith('.age')).map((file) => file.slice(0, -4));
  return Promise.all(names.sort().map(async (name) => ({ name, address: await readAddress(data, name) })));
}

async function readAddress(data: string, name: string): Promise<Address> {
  const path = addressPath(data, name);
  const stored = (await readJsonFile(path)) as { address?: unknown } | null | undefined;
  if (typeof stored?.address === 'string') return stored.address;
  throw new NodeError(
    { code: 'DATA_FOLDER_MALFORMED', path },
    `The file ${path} does not name the address of wallet ${name}. Import the wallet again under another name.`,
  );
}

/** @throws CliError `WALLET_EXISTS` */
export async function requireFreeName(data: string, name: string): Promise<void> {
  if (!(await listWallets(data)).some((wallet) => wallet.name === name)) return;
  throw new CliError(
    { code: 'WALLET_EXISTS', name },
    `There is a wallet ${name} already. Choose another name; wallets are never written over.`,
  );
}

/** Locks a wallet with a passphrase and keeps it. */
export async function saveWallet(
  data: string,
  name: string,
  wallet: Wallet,
  lock: { readonly passphrase: string; readonly workFactor?: number },
): Promise<StoredWallet> {
  await requireFreeName(data, name);
  const address = addressOf(walletSigner(wallet));
  const keystore = await sealKeystore(
    { kind: 'mnemonic', mnemonic: wallet.revealMnemonic() },
    lock.passphrase,
    lock.workFactor === undefined ? {} : { workFactor: lock.workFactor },
  );
  const encoder = new TextEncoder();
  await writeFileDurably(addressPath(data, name), encoder.encode(`${JSON.stringify({ address })}\n`));
  try {
    await writeFileDurably(keystorePath(data, name), encoder.encode(keystore));
  } catch (error) {
    await rm(addressPath(data, name), { force: true });
    throw error;
  }
  return { name, address };
}

/** What signs for a wallet: its account 0, and its hotkeys, the accounts from 1 on. */
export interface OpenWallet extends StoredWallet {
  readonly signer: Signer;
  /** A hotkey of this wallet; 1 is the first. */
  hotkey(index: number): Signer;
}

/**
 * Unlocks a wallet.
 *
 * @throws SdkError `KEYSTORE_WRONG_PASSPHRASE`, `KEYSTORE_CORRUPT`; CliError `WALLET_MISMATCH`
 */
export async function openWallet(data: string, name: string, passphrase: string): Promise<OpenWallet> {
  const contents = await openKeystore(await readFile(keystorePath(data, name), 'utf8'), passphrase);
  if (contents.kind !== 'mnemonic') throw usage(`The keystore ${name} holds a single key, not a wallet.`);
  const wallet = await importWallet(contents.mnemonic);
  const signer = walletSigner(wallet);
  const address = await readAddress(data, name);
  if (addressOf(signer) !== address) {
    throw new CliError(
      { code: 'WALLET_MISMATCH', name },
      `Wallet ${name} is noted as ${address}, but its keystore opens ${addressOf(signer)}. Somebody changed a file.`,
    );
  }
  return { name, address, signer, hotkey: (index) => walletSigner(wallet, index) };
}
