import { constants } from 'node:fs';
import { access, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { NodeError } from '../errors.ts';
import { describeDiskError } from './disk-error.ts';
import { writeFileDurably } from './durable-file.ts';
import { takeLock } from './folder-lock.ts';
import { makeFolder } from './make-folder.ts';

/** Where a node keeps everything it owns. */
export interface DataFolder extends AsyncDisposable {
  readonly path: string;
  readonly chainPath: string;
  readonly blobsPath: string;
  readonly indexPath: string;
  /** What light clients have verified, by chain. */
  readonly lightPath: string;
  readonly socketPath: string;
  readonly genesisPath: string;
  readonly configPath: string;
  /** Folder of one role's keys, such as `keys/miner-1`. */
  keysPath(role: string): string;
  /** Folder of one role's own state, such as vouchers. */
  rolePath(role: string): string;
}

/**
 * Opens the folder for one process: creates it, checks that it can be written, and locks it.
 *
 * @throws NodeError `DATA_FOLDER_NOT_WRITABLE`, `DATA_FOLDER_IN_USE`, `DISK_FULL`
 */
export async function openDataFolder(path: string): Promise<DataFolder> {
  let letGo: () => Promise<void>;
  try {
    await makeFolder(path);
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    await probeWrite(path);
    letGo = await takeLock(path, join(path, 'lock'));
  } catch (cause) {
    throw describeDiskError(path, cause);
  }
  return {
    path,
    chainPath: join(path, 'chain'),
    blobsPath: join(path, 'blobs'),
    indexPath: join(path, 'index'),
    lightPath: join(path, 'light'),
    socketPath: join(path, 'cairn.sock'),
    genesisPath: join(path, 'genesis.json'),
    configPath: join(path, 'config.json'),
    keysPath: (role) => join(path, 'keys', role),
    rolePath: (role) => join(path, 'roles', role),
    [Symbol.asyncDispose]: letGo,
  };
}

/** Deletes what `up --reset` promises to delete: the chain and all that depends on it. Keys and configuration stay. */
export async function resetDataFolder(folder: DataFolder): Promise<void> {
  const { chainPath, blobsPath, indexPath, genesisPath, lightPath } = folder;
  for (const path of [chainPath, blobsPath, indexPath, genesisPath, lightPath, join(folder.path, 'roles')]) {
    await rm(path, { recursive: true, force: true });
  }
}

/** A folder on a full disk can be opened but not written: find out before anything depends on it. */
async function probeWrite(path: string): Promise<void> {
  const probe = join(path, `.probe-${process.pid}`);
  await writeFileDurably(probe, new Uint8Array(4096));
  await rm(probe, { force: true });
}

/** JSON of a file, or undefined when there is none. @throws NodeError `DATA_FOLDER_MALFORMED` */
export async function readJsonFile(path: string): Promise<unknown> {
  let text: string;
  try {
    if ((await stat(path)).size > 16 * 1024 * 1024) throw new Error('larger than 16 MiB');
    text = await readFile(path, 'utf8');
  } catch (cause) {
    // ENOTDIR: a file is in the place of the folder, which opening the folder explains.
    if (['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw malformed(path, cause);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw malformed(path, cause);
  }
}

function malformed(path: string, cause: unknown): NodeError {
  return new NodeError(
    { code: 'DATA_FOLDER_MALFORMED', path },
    `The file ${path} cannot be read as JSON. Repair it or restore a backup.`,
    { cause },
  );
}

export async function writeJsonFile(path: string, value: unknown): Promise<void> {
  await writeFileDurably(path, new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`));
}
