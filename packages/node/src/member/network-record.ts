import { join } from 'node:path';
import { type DataFolder, readJsonFile, writeJsonFile } from '../data/data-folder.ts';
import { NodeError } from '../errors.ts';

/** Which network a folder belongs to, from the first time it joined one. */
interface NetworkRecord {
  readonly chainId: string;
}

/**
 * Keeps a folder to its network: keys, channels and receipts of one are worth nothing on another.
 *
 * @throws NodeError `WRONG_CHAIN` when the folder joined another network before
 */
export async function keepToNetwork(folder: DataFolder, chainId: string): Promise<void> {
  const path = join(folder.path, 'network.json');
  const stored = (await readJsonFile(path)) as Partial<NetworkRecord> | undefined;
  if (stored === undefined) {
    await writeJsonFile(path, { chainId } satisfies NetworkRecord);
    return;
  }
  if (stored.chainId === chainId) return;
  throw new NodeError(
    { code: 'WRONG_CHAIN', path: folder.path },
    `The folder ${folder.path} belongs to network ${String(stored.chainId).slice(0, 12)}…, and this address leads to ${chainId.slice(0, 12)}…. Choose another folder with --data.`,
  );
}
