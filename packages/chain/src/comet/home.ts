import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { areBytesEqual, type Crypto } from '@cairn/core';
import type { Genesis } from '@cairn/ledger';
import { ChainError } from '../errors.ts';
import { type CometConfig, cometConfigFile } from './config.ts';
import { cometGenesis } from './genesis.ts';
import { nodeKeyFile, validatorKeyFile } from './keys.ts';

/** Seeds of the keys that a home holds. */
export interface CometKeys {
  /** The consensus key. */
  readonly consensusSeed: Uint8Array;
  readonly nodeSeed: Uint8Array;
}

/**
 * Writes what CometBFT reads at its start. The record of what the key signed last is made once and never written
 * again: without it the key could sign two blocks of one height.
 *
 * @throws ChainError `NO_VALIDATORS`, `CONSENSUS_KEY_CHANGED`
 */
export async function writeCometHome(
  crypto: Crypto,
  home: string,
  genesis: Genesis,
  keys: CometKeys,
  config: CometConfig,
): Promise<void> {
  await mkdir(join(home, 'config'), { recursive: true, mode: 0o700 });
  await mkdir(join(home, 'data'), { recursive: true, mode: 0o700 });
  const keyPath = join(home, 'config', 'priv_validator_key.json');
  const statePath = join(home, 'data', 'priv_validator_state.json');
  const key = json(validatorKeyFile(crypto, keys.consensusSeed));
  const written = existsSync(keyPath) ? await readFile(keyPath) : null;
  if (written !== null && !areBytesEqual(written, Buffer.from(key)) && existsSync(statePath)) {
    throw new ChainError(
      { code: 'CONSENSUS_KEY_CHANGED', path: keyPath },
      `${keyPath} holds another consensus key than this node was given. Give it the key of this folder, or use a new folder for the new key.`,
    );
  }
  await replace(keyPath, key);
  await replace(join(home, 'config', 'node_key.json'), json(nodeKeyFile(keys.nodeSeed)));
  await replace(join(home, 'config', 'genesis.json'), json(cometGenesis(crypto, genesis)));
  await replace(join(home, 'config', 'config.toml'), cometConfigFile(config));
  if (!existsSync(statePath)) await replace(statePath, json({ height: '0', round: 0, step: 0 }));
}

/** Databases of CometBFT. What the key signed last lies beside them and stays. */
const DATABASES = ['blockstore.db', 'state.db', 'evidence.db', 'cs.wal'];

/** Lets CometBFT begin anew with the same keys, and without forgetting what they signed. */
export async function clearCometData(home: string): Promise<void> {
  for (const name of DATABASES) await rm(join(home, 'data', name), { recursive: true, force: true });
}

/** Whether CometBFT has kept blocks in this home. */
export function hasCometBlocks(home: string): boolean {
  return existsSync(join(home, 'data', 'blockstore.db'));
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Leaves the old or the new file, never a part. */
async function replace(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp`;
  await rm(temporary, { force: true });
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
