import { renameSync, rmSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { join } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import { ChainError, storeCorrupt } from '../errors.ts';
import { fileProblem } from './file-problem.ts';
import { lockFolder } from './folder-lock.ts';
import { auditDatabase } from './lmdb-audit.ts';
import type { ReplaceableStore, Store } from './store.ts';

/** Plain bytes over the memory the library returned: its Buffer slices differently. */
function plain(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

function openDatabase(folder: string): RootDatabase<Buffer, string> {
  try {
    // With overlapping sync a commit would be visible before it is on disk.
    return open<Buffer, string>({
      path: folder,
      noSubdir: false,
      encoding: 'binary',
      overlappingSync: false,
    });
  } catch (error) {
    const known = fileProblem(folder, error);
    if (known instanceof ChainError) throw known;
    throw storeCorrupt(folder, 'the database file cannot be opened', error);
  }
}

type Database = RootDatabase<Buffer, string>;

const range = (prefix: string, after?: string) => ({
  start: after === undefined || after < prefix ? prefix : `${after}\u0001`,
  end: `${prefix}\u007f`,
});

const closed = () =>
  new ChainError({ code: 'STORE_CLOSED' }, 'The chain store is closed. Open the chain again.');

/** Reads and writes whatever database `current` gives. */
function createLmdbAccess(folder: string, current: () => Database): Omit<Store, 'close'> {
  return {
    get(key) {
      const found = current().getBinary(key);
      return found === undefined ? undefined : plain(found);
    },
    *entries(prefix, after) {
      for (const { key, value } of current().getRange(range(prefix, after))) yield [key, plain(value)];
    },
    *keys(prefix, after) {
      yield* current().getKeys(range(prefix, after));
    },
    async write(changes) {
      const opened = current();
      try {
        await opened.batch(() => {
          for (const { key, value } of changes) {
            if (value === null) opened.remove(key);
            else opened.put(key, value as Buffer);
          }
        });
      } catch (error) {
        throw fileProblem(join(folder, 'data.mdb'), error);
      }
    },
    freeze() {
      const opened = current();
      const transaction = opened.useReadTransaction();
      let isReleased = false;
      const alive = (): Database => {
        if (isReleased) throw closed();
        return opened;
      };
      return {
        get(key) {
          const found = alive().get(key, { transaction });
          return found === undefined ? undefined : plain(found);
        },
        *entries(prefix, after) {
          for (const { key, value } of alive().getRange({ ...range(prefix, after), transaction }))
            yield [key, plain(value)];
        },
        release() {
          if (isReleased) return;
          isReleased = true;
          transaction.done();
        },
      };
    },
  };
}

/** Folder, inside that of a store, where another is made ready to take its place. */
const ASIDE = 'incoming';

async function syncFolder(path: string): Promise<void> {
  const folder = await openFile(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * A store in an LMDB folder, owned by this process until it is closed.
 *
 * @throws ChainError `STORE_IN_USE`, `NO_PERMISSION`, `DISK_FULL`, `STORE_CORRUPT`
 */
export function openLmdbStore(folder: string): ReplaceableStore {
  const unlock = lockFolder(folder);
  const asideFolder = join(folder, ASIDE);
  let database: Database;
  try {
    // Left by a process that was cut off: it never became the store.
    rmSync(asideFolder, { recursive: true, force: true });
    auditDatabase(folder);
    database = openDatabase(folder);
  } catch (error) {
    unlock();
    throw error;
  }
  let isClosed = false;
  let aside: Database | null = null;
  const alive = (): Database => {
    if (!isClosed) return database;
    throw closed();
  };

  async function dropAside(): Promise<void> {
    const dropped = aside;
    aside = null;
    await dropped?.close();
    rmSync(asideFolder, { recursive: true, force: true });
  }

  return {
    ...createLmdbAccess(folder, alive),
    async aside() {
      alive();
      await dropAside();
      aside = openDatabase(asideFolder);
      const opened = aside;
      const current = (): Database => {
        if (aside === opened) return opened;
        throw closed();
      };
      return { ...createLmdbAccess(asideFolder, current), close: dropAside };
    },
    dropAside,
    async adoptAside() {
      if (aside === null) throw closed();
      alive();
      const ready = aside;
      aside = null;
      await ready.close();
      await database.close();
      // The one step that counts: before it the old store is there, after it the new one.
      renameSync(join(asideFolder, 'data.mdb'), join(folder, 'data.mdb'));
      await syncFolder(folder);
      rmSync(asideFolder, { recursive: true, force: true });
      auditDatabase(folder);
      database = openDatabase(folder);
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      await dropAside();
      await database.close();
      unlock();
    },
  };
}
