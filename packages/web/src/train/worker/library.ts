import { bytesToHex, type Crypto } from '@cairn/core';
import type { RecordStore } from '@cairn/protocol';
import { type RunLibrary, readHolder, type WantedBlob } from '@cairn/training';
import { WebError } from '../../errors.ts';
import type { NodeClient } from './node-client.ts';
import type { Store } from './store-port.ts';

/** What this browser holds of runs, and how more comes in. */
export interface BrowserLibrary extends RunLibrary {
  /** Brings blobs in from the node. @throws WebError `BLOB_NOT_FETCHED` */
  fetch(holder: string, blobs: readonly WantedBlob[]): Promise<void>;
  readonly receivedBytes: number;
}

const BLOB = 'blob/';
/** Which blobs are held for one round, by the name under which they are. */
const HELD = 'held/';

export function createBrowserLibrary(
  crypto: Pick<Crypto, 'sha256'>,
  store: Store,
  node: Pick<NodeClient, 'blob'>,
): BrowserLibrary {
  let receivedBytes = 0;
  const get = async (id: string) => (await store.get<Uint8Array>(BLOB + id)) ?? null;

  const hashOf = (bytes: Uint8Array) => bytesToHex(crypto.sha256(bytes));

  async function fetchOne(
    holder: string,
    { id, maxBytes = Number.POSITIVE_INFINITY, isIt = (bytes) => hashOf(bytes) === id }: WantedBlob,
  ): Promise<void> {
    const bytes = await node.blob(id);
    if (bytes === null || bytes.length > maxBytes || !isIt(bytes))
      throw new WebError(
        { code: 'BLOB_NOT_FETCHED', id },
        `The node does not have the blob ${id.slice(0, 12)}… of this run yet. It is asked for again.`,
      );
    receivedBytes += bytes.length;
    // What was asked for by a name is found by its hash too.
    for (const key of new Set([id, hashOf(bytes)])) {
      await hold(holder, key);
      await store.set(BLOB + key, bytes);
    }
  }

  async function hold(holder: string, id: string): Promise<void> {
    const key = `${HELD}${holder}/${id}`;
    if (readHolder(holder).of !== null && (await store.get(key)) === undefined) await store.set(key, true);
  }

  return {
    get,
    get receivedBytes() {
      return receivedBytes;
    },
    async put(_run, bytes) {
      const id = hashOf(bytes);
      await store.set(BLOB + id, bytes);
      return id;
    },
    // The node shows what was left with it.
    show: async () => undefined,
    share: async (_run, id) => (await get(id)) !== null,
    drop: (_run, id) => store.delete(BLOB + id),
    async forget(run, use, before) {
      const isOver = (key: string) => {
        const { of, run: holder } = readHolder(key.slice(HELD.length));
        return holder === run && of?.use === use && of.round < before;
      };
      const keys = await store.keys(HELD);
      const over = keys.filter(isOver);
      const idOf = (key: string) => key.slice(key.lastIndexOf('/') + 1);
      const needed = new Set(keys.filter((key) => !isOver(key)).map(idOf));
      for (const key of over) {
        if (!needed.has(idOf(key))) await store.delete(BLOB + idOf(key));
        await store.delete(key);
      }
    },
    async fetch(holder, blobs) {
      for (const blob of blobs) {
        // First, so that nothing is here that is held by nobody.
        await hold(holder, blob.id);
        if ((await get(blob.id)) === null) await fetchOne(holder, blob);
      }
    },
  };
}

/** The browser's records, read at once when they are opened. */
export async function openBrowserRecords(store: Store): Promise<RecordStore> {
  const prefix = 'record/';
  const records = new Map<string, Uint8Array>();
  for (const key of await store.keys(prefix)) {
    const record = await store.get<Uint8Array>(key);
    if (record !== undefined) records.set(key.slice(prefix.length), record);
  }
  return {
    get: (key) => records.get(key),
    async set(key, record) {
      records.set(key, record.slice());
      await store.set(prefix + key, record.slice());
    },
    async delete(key) {
      records.delete(key);
      await store.delete(prefix + key);
    },
    keys: (start) => [...records.keys()].filter((key) => key.startsWith(start)).sort(),
    [Symbol.asyncDispose]: async () => undefined,
  };
}
