import { join } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import { ChainError, storeCorrupt } from '../errors.ts';
import { fileProblem } from './file-problem.ts';
import { lockFolder } from './folder-lock.ts';
import { auditDatabase } from './lmdb-audit.ts';
import type { Store } from './store.ts';

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

/**
 * A store in an LMDB folder, owned by this process until it is closed.
 *
 * @throws ChainError `STORE_IN_USE`, `NO_PERMISSION`, `DISK_FULL`, `STORE_CORRUPT`
 */
export function openLmdbStore(folder: string): Store {
  const unlock = lockFolder(folder);
  let database: RootDatabase<Buffer, string>;
  try {
    auditDatabase(folder);
    database = openDatabase(folder);
  } catch (error) {
    unlock();
    throw error;
  }
  let isClosed = false;
  const alive = (): RootDatabase<Buffer, string> => {
    if (!isClosed) return database;
    throw new ChainError({ code: 'STORE_CLOSED' }, 'The chain store is closed. Open the chain again.');
  };
  const range = (prefix: string, after?: string) => ({
    start: after === undefined || after < prefix ? prefix : `${after}\u0001`,
    end: `${prefix}\u007f`,
  });
  return {
    get(key) {
      const found = alive().getBinary(key);
      return found === undefined ? undefined : plain(found);
    },
    *entries(prefix, after) {
      for (const { key, value } of alive().getRange(range(prefix, after))) yield [key, plain(value)];
    },
    *keys(prefix, after) {
      yield* alive().getKeys(range(prefix, after));
    },
    async write(changes) {
      const opened = alive();
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
    async close() {
      if (isClosed) return;
      isClosed = true;
      await database.close();
      unlock();
    },
  };
}
