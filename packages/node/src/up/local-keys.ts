import type { Crypto } from '@cairn/core';
import type { DataFolder } from '../data/data-folder.ts';
import { openRoleKey, type RoleKey } from '../data/role-keys.ts';
import { GATEWAY, LOCAL_MINERS, LOCAL_VALIDATORS, OWNER } from './plan.ts';

/** The two keys of a working role. */
export interface WorkerKeys {
  readonly name: string;
  readonly coldkey: RoleKey;
  readonly hotkey: RoleKey;
}

/** Every key of a local network: each role has its own. */
export interface LocalKeys {
  readonly owner: RoleKey;
  /** Signs the blocks; holds no money. */
  readonly consensus: RoleKey;
  readonly gateway: RoleKey;
  readonly miners: readonly WorkerKeys[];
  readonly validators: readonly WorkerKeys[];
}

export async function openLocalKeys(folder: DataFolder, crypto: Crypto): Promise<LocalKeys> {
  const worker = async ({ name }: { name: string }): Promise<WorkerKeys> => ({
    name,
    coldkey: await openRoleKey(folder, crypto, name, 'coldkey'),
    hotkey: await openRoleKey(folder, crypto, name, 'hotkey'),
  });
  return {
    owner: await openRoleKey(folder, crypto, OWNER, 'coldkey'),
    consensus: await openRoleKey(folder, crypto, OWNER, 'consensus'),
    gateway: await openRoleKey(folder, crypto, GATEWAY, 'coldkey'),
    miners: await Promise.all(LOCAL_MINERS.map(worker)),
    validators: await Promise.all(LOCAL_VALIDATORS.map(worker)),
  };
}

/** Keys a person at this machine may spend with, by the name of their role. */
export function spendableKeys(keys: LocalKeys): ReadonlyMap<string, RoleKey> {
  return new Map<string, RoleKey>([
    [GATEWAY, keys.gateway],
    [OWNER, keys.owner],
    ...[...keys.miners, ...keys.validators].map(({ name, coldkey }) => [name, coldkey] as const),
  ]);
}
