import type { Store } from './store-port.ts';

const TABLE = 'values';

/** Opens the database of this page. The browser may throw it away when the disk is full, unless it promised not to. */
export async function openStore(name: string): Promise<Store> {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
  const db = await answerOf(opening);
  await navigator.storage?.persist?.();
  const table = (mode: IDBTransactionMode) =>
    db.transaction(TABLE, mode, { durability: 'strict' }).objectStore(TABLE);
  /** A write is kept when its transaction is, not when its request is. */
  const write = (act: (place: IDBObjectStore) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      const place = table('readwrite');
      place.transaction.oncomplete = () => resolve();
      place.transaction.onabort = () => reject(place.transaction.error);
      act(place);
    });
  return {
    get: (key) => answerOf(table('readonly').get(key)),
    set: (key, value) => write((place) => place.put(value, key)),
    delete: (key) => write((place) => place.delete(key)),
    keys: async (prefix) =>
      (await answerOf(table('readonly').getAllKeys(IDBKeyRange.bound(prefix, `${prefix}\uffff`)))).map(
        String,
      ),
  };
}

function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
