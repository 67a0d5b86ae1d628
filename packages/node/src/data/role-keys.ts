import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createNativeEd25519Signer } from '@cairn/chain';
import {
  type AccountId,
  type Address,
  accountIdOf,
  accountIdToAddress,
  type Crypto,
  type Signer,
} from '@cairn/core';
import type { DataFolder } from './data-folder.ts';
import { readKeyFile, readOrCreateKeyFile } from './key-file.ts';

/** A key of a role and the account it speaks for. */
export interface RoleKey {
  readonly account: AccountId;
  readonly address: Address;
  readonly signer: Signer;
}

/** `coldkey` holds money, `hotkey` works, `consensus` signs blocks, `peer` is who a node is among others. */
export type KeyKind = 'coldkey' | 'hotkey' | 'consensus' | 'peer' | 'kept';

/** The seed of a role's key, for a program that signs by itself. Made on first use. */
export function openRoleSeed(folder: DataFolder, role: string, kind: KeyKind): Promise<Uint8Array> {
  return readOrCreateKeyFile(folder.keysPath(role), kind);
}

/** Reads a role's key from `keys/<role>/<kind>.key`, made on first use. */
export async function openRoleKey(
  folder: DataFolder,
  crypto: Crypto,
  role: string,
  kind: KeyKind,
): Promise<RoleKey> {
  return roleKeyOf(crypto, await openRoleSeed(folder, role, kind));
}

/** A name that a role can have: it is part of a path. */
const ROLE_NAME = /^[a-z][a-z0-9-]{0,62}$/;

/**
 * The hotkey of a role of a data folder; null when it has none. Reads only, so a node may be running on it.
 *
 * @throws NodeError `KEY_FILE_MALFORMED`, `KEY_FILE_READABLE`
 */
export async function findRoleHotkey(
  dataPath: string,
  crypto: Crypto,
  role: string,
): Promise<RoleKey | null> {
  if (!ROLE_NAME.test(role)) return null;
  const secret = await readKeyFile(join(dataPath, 'keys', role), 'hotkey');
  return secret === null ? null : roleKeyOf(crypto, secret);
}

/** Names of the roles that have keys in a data folder, sorted. */
export async function listRoles(dataPath: string): Promise<string[]> {
  return (await listFolder(join(dataPath, 'keys'))).filter((name) => ROLE_NAME.test(name)).sort();
}

async function listFolder(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** The key of a seed. */
export function roleKeyOf(crypto: Crypto, secret: Uint8Array): RoleKey {
  const signer = createNativeEd25519Signer(secret);
  const account = accountIdOf(crypto, signer.scheme, signer.publicKey);
  return { account, address: accountIdToAddress(account), signer };
}
