import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { RecordStore } from '@cairn/protocol';
import { open } from 'lmdb';

/**
 * Small durable records of one role, in LMDB: vouchers, receipts, states. Writes of one moment share one flush.
 *
 * @param path folder of the store; made if it is not there.
 */
export function openRecordStore(path: string): RecordStore {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const db = open<Uint8Array, string>({ path, encoding: 'binary', overlappingSync: false });
  return {
    get(key) {
      const found = db.get(key);
      return found === undefined ? undefined : Uint8Array.from(found);
    },
    async set(key, record) {
      await db.put(key, Uint8Array.from(record));
    },
    async delete(key) {
      await db.remove(key);
    },
    *keys(prefix) {
      for (const key of db.getKeys({ start: prefix })) {
        if (!key.startsWith(prefix)) return;
        yield key;
      }
    },
    [Symbol.asyncDispose]: () => db.close(),
  };
}
