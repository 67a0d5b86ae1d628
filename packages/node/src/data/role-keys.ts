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
import { readOrCreateKeyFile } from './key-file.ts';

/** A key of a role and the account it speaks for. */
export interface RoleKey {
  readonly account: AccountId;
  readonly address: Address;
  readonly signer: Signer;
}

/** `coldkey` holds money, `hotkey` works, `consensus` signs blocks, `peer` is who a node is among others. */
export type KeyKind = 'coldkey' | 'hotkey' | 'consensus' | 'peer';

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
  const signer = createNativeEd25519Signer(await openRoleSeed(folder, role, kind));
  const account = accountIdOf(crypto, signer.scheme, signer.publicKey);
  return { account, address: accountIdToAddress(account), signer };
}
