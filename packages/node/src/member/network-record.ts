import { join } from 'node:path';
import { type DataFolder, readJsonFile, writeJsonFile } from '../data/data-folder.ts';
import { NodeError } from '../errors.ts';

/** Which network a folder belongs to, from the first time it joined one. */
interface NetworkRecord {
  readonly chainId: string;
}

const pathOf = (folder: DataFolder): string => join(folder.path, 'network.json');

/** Chain id of the network that the folder joined before, in hex; null when it joined none. */
export async function knownNetwork(folder: DataFolder): Promise<string | null> {
  const stored = (await readJsonFile(pathOf(folder))) as Partial<NetworkRecord> | undefined;
  return typeof stored?.chainId === 'string' && /^[0-9a-f]{64}$/.test(stored.chainId) ? stored.chainId : null;
}

/**
 * Keeps a folder to its network: keys, channels and receipts of one are worth nothing on another.
 *
 * @throws NodeError `WRONG_CHAIN` when the folder joined another network before
 */
export async function keepToNetwork(folder: DataFolder, chainId: string): Promise<void> {
  const stored = await knownNetwork(folder);
  if (stored === null) await writeJsonFile(pathOf(folder), { chainId } satisfies NetworkRecord);
  if (stored === null || stored === chainId) return;
  throw new NodeError(
    { code: 'WRONG_CHAIN', path: folder.path },
    `The folder ${folder.path} belongs to network ${stored.slice(0, 12)}…, and this address leads to ${chainId.slice(0, 12)}…. Choose another folder with --data.`,
  );
}
