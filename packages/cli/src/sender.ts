import { createPureCrypto, type Signer } from '@cairn/core';
import { createAccountClient, requireMessage } from '@cairn/sdk';
import type { Cli } from './cli.ts';
import type { Connection } from './connect.ts';
import { CliError, usage } from './errors.ts';
import { findNodeWallets } from './node-views.ts';
import { printable } from './terminal/printable.ts';
import { askPassphrase } from './wallet/passphrase.ts';
import { addressOf, listWallets, type OpenWallet, openWallet } from './wallet/wallet-store.ts';

/** An account that can sign: a wallet of this folder, or a key of the running node. */
export interface Sender {
  readonly name: string;
  readonly address: string;
  /** Set for wallets, which have keys of their own. */
  readonly wallet: OpenWallet | null;
  /** Signs for it; null for keys that stay in the node. */
  readonly signer: Signer | null;
  /** The transaction in its block, as the node tells it: `spend` checks it. */
  send(message: string, value: unknown): Promise<unknown>;
}

/** Name and address of a wallet of this folder or a key of its node. */
async function findWalletByName(
  connection: Connection,
  name: string,
): Promise<{ readonly name: string; readonly address: string; readonly isNodes: boolean }> {
  const own = (await listWallets(connection.data)).find((wallet) => wallet.name === name);
  if (own !== undefined) return { ...own, isNodes: false };
  const nodes = (await findNodeWallets(connection)).find((wallet) => wallet.name === name);
  if (nodes !== undefined) return { name, address: nodes.address, isNodes: true };
  throw new CliError(
    { code: 'WALLET_UNKNOWN', name },
    `There is no wallet ${printable(name)} here. See ./cairn wallet list.`,
  );
}

/** An account's address as given, or the one of the wallet or wallet's hotkey of this name. */
export async function resolveAccount(
  cli: Cli,
  connection: Connection,
  nameOrAddress: string,
): Promise<{ readonly name: string | null; readonly address: string }> {
  if (nameOrAddress.startsWith('cairn1')) return { name: null, address: nameOrAddress };
  const { name, address } = await findPayer(cli, connection, nameOrAddress);
  return { name, address };
}

/** Who will sign, opened already or not. */
export type Payer = Sender | { readonly name: string; readonly address: string };

/** `savings/2`: the second hotkey of wallet savings. */
export const HOTKEY_NAME = /^(?<name>.+)\/(?<index>[1-9]\d{0,8})$/;

/** `role:validator-1`: the hotkey of a role, from the data folder. */
export const ROLE_HOTKEY = 'role:';

/** Who will sign: enough to show before a passphrase is asked for. Hotkeys of wallets need it already. */
export async function findPayer(cli: Cli, connection: Connection, name: string): Promise<Payer> {
  return HOTKEY_NAME.test(name) || name.startsWith(ROLE_HOTKEY)
    ? openSender(cli, connection, name)
    : findWalletByName(connection, name);
}

/**
 * Opens the wallet or finds the node's key that signs; `savings/1` is the first hotkey of wallet savings,
 * `role:validator-1` the hotkey of a role.
 */
export async function openSender(cli: Cli, connection: Connection, given: string): Promise<Sender> {
  if (given.startsWith(ROLE_HOTKEY)) return openRoleHotkey(connection, given);
  const { name = given, index } = HOTKEY_NAME.exec(given)?.groups ?? {};
  const found = await findWalletByName(connection, name);
  if (!found.isNodes) {
    const wallet = await openOnce(cli, connection, name);
    if (index === undefined) return senderOf(connection, name, wallet, wallet.signer);
    return senderOf(connection, given, wallet, wallet.hotkey(Number(index)));
  }
  if (index !== undefined)
    throw usage(`${printable(name)} is a key of the node and has no hotkeys of its own.`);
  return {
    name,
    address: found.address,
    wallet: null,
    signer: null,
    send: (message, value) =>
      connection.ledger.call<unknown>('node_send', {
        wallet: name,
        message,
        value: requireMessage(message).shape.toJson(value),
      }),
  };
}

/** @throws CliError `WALLET_UNKNOWN`; NodeError `KEY_FILE_MALFORMED`, `KEY_FILE_READABLE` */
async function openRoleHotkey(connection: Connection, given: string): Promise<Sender> {
  const { findRoleHotkey } = await import('@cairn/node');
  const role = given.slice(ROLE_HOTKEY.length);
  const key = await findRoleHotkey(connection.data, createPureCrypto(), role);
  if (key === null) {
    throw new CliError(
      { code: 'WALLET_UNKNOWN', name: given },
      `The folder ${printable(connection.data)} keeps no hotkey of a role ${printable(role)}. ./cairn wallet list names those there are; the keys that hold a role's money go without role:.`,
    );
  }
  return senderOf(connection, given, null, key.signer);
}

const OPENED = new WeakMap<Connection, Map<string, Promise<OpenWallet>>>();

/** A wallet is opened once in a command, however often it is named: its passphrase takes a second to check. */
function openOnce(cli: Cli, connection: Connection, name: string): Promise<OpenWallet> {
  const opened = OPENED.get(connection) ?? new Map<string, Promise<OpenWallet>>();
  OPENED.set(connection, opened);
  const open = async () => openWallet(connection.data, name, await askPassphrase(cli, name));
  const wallet = opened.get(name) ?? open();
  opened.set(name, wallet);
  return wallet;
}

function senderOf({ ledger }: Connection, name: string, wallet: OpenWallet | null, signer: Signer): Sender {
  const client = createAccountClient({ crypto: createPureCrypto(), signer, ledger });
  return {
    name,
    address: addressOf(signer),
    wallet,
    signer,
    send: (message, value) => client.send(message, value),
  };
}
