import type { Logger } from '@cairn/core';
import { NotFoundError, type PeerId } from '@libp2p/interface';
import type { Libp2pOptions } from 'libp2p';

type Datastore = NonNullable<Libp2pOptions['datastore']>;
type Key = Parameters<Datastore['put']>[0];
type Query = Parameters<Datastore['query']>[0];
type KeyQuery = Parameters<Datastore['queryKeys']>[0];
type Pair = { key: Key; value: Uint8Array };

/** What may be kept under the first part of a key: peers seen, and what others want kept for the table. */
const MOST: Readonly<Record<string, number>> = { peers: 5000, dht: 4096 };
const MOST_OTHERS = 256;
/** Entries of the table that one peer may ask this one to keep. */
const MOST_PER_PROVIDER = 64;
const MAX_VALUE_BYTES = 16 * 1024;

/**
 * What libp2p remembers, in memory. Strangers decide what is written here, so every kind of entry has a maximum, and
 * the oldest goes first; what is about this peer itself stays.
 */
export function createBoundedStore(self: PeerId, log: Logger): Datastore {
  const kinds = new Map<string, Map<string, Pair>>();
  const own = [`/${self.toString()}`, `/${self.toCID().toString()}`];
  const isOwn = (name: string) => own.some((end) => name.endsWith(end));

  function kindOf(name: string): { readonly entries: Map<string, Pair>; readonly most: number } {
    const [, first = ''] = name.split('/', 2);
    const kind = first in MOST ? first : '';
    const entries = kinds.get(kind) ?? new Map<string, Pair>();
    kinds.set(kind, entries);
    return { entries, most: MOST[kind] ?? MOST_OTHERS };
  }

  function dropOldest(entries: Map<string, Pair>, isMeant: (name: string) => boolean): void {
    for (const name of entries.keys()) {
      if (isOwn(name) || !isMeant(name)) continue;
      entries.delete(name);
      return;
    }
  }

  function makeRoom(name: string, entries: Map<string, Pair>, most: number): void {
    if (isOwn(name)) return;
    if (name.startsWith('/dht/provider/')) {
      const end = name.slice(name.lastIndexOf('/'));
      let count = 0;
      for (const other of entries.keys()) if (other.endsWith(end)) count += 1;
      if (count >= MOST_PER_PROVIDER) dropOldest(entries, (other) => other.endsWith(end));
    }
    if (entries.size >= most) dropOldest(entries, () => true);
  }

  function put(key: Key, value: Uint8Array): Key {
    const name = key.toString();
    if (value.length > MAX_VALUE_BYTES) {
      log.debug('an entry is too large to be remembered', { sizeBytes: value.length });
      throw new RangeError(
        `An entry of ${value.length} bytes is not remembered; at most ${MAX_VALUE_BYTES} fit.`,
      );
    }
    const { entries, most } = kindOf(name);
    entries.delete(name);
    makeRoom(name, entries, most);
    entries.set(name, { key, value });
    return key;
  }

  function get(key: Key): Uint8Array {
    const name = key.toString();
    const entry = kindOf(name).entries.get(name);
    if (entry === undefined) throw new NotFoundError('There is no such entry.');
    return entry.value;
  }

  function remove(key: Key): void {
    const name = key.toString();
    kindOf(name).entries.delete(name);
  }

  function select({ prefix = '/' }: { prefix?: string }): Pair[] {
    const [, first = ''] = prefix.split('/', 2);
    const searched = first in MOST ? [kindOf(prefix).entries] : [...kinds.values()];
    return searched.flatMap((entries) => {
      const found: Pair[] = [];
      for (const [name, entry] of entries) if (name.startsWith(prefix)) found.push(entry);
      return found;
    });
  }

  function page<T>(all: T[], { offset = 0, limit }: { offset?: number; limit?: number }): T[] {
    return all.slice(offset, limit === undefined ? undefined : offset + limit);
  }

  return {
    put,
    get,
    has: (key) => {
      const name = key.toString();
      return kindOf(name).entries.has(name);
    },
    delete: remove,
    async *putMany(source) {
      for await (const { key, value } of source) yield put(key, value);
    },
    async *getMany(source) {
      for await (const key of source) yield { key, value: get(key) };
    },
    async *deleteMany(source) {
      for await (const key of source) {
        remove(key);
        yield key;
      }
    },
    batch() {
      const actions: (() => void)[] = [];
      return {
        put: (key, value) => void actions.push(() => put(key, value)),
        delete: (key) => void actions.push(() => remove(key)),
        commit() {
          for (const action of actions.splice(0)) action();
        },
      };
    },
    *query(query: Query) {
      const { filters = [], orders = [] } = query;
      const found = select(query).filter((pair) => filters.every((filter) => filter(pair)));
      for (const order of orders) found.sort(order);
      yield* page(found, query);
    },
    *queryKeys(query: KeyQuery) {
      const { filters = [], orders = [] } = query;
      const found = select(query)
        .map(({ key }) => key)
        .filter((key) => filters.every((filter) => filter(key)));
      for (const order of orders) found.sort(order);
      yield* page(found, query);
    },
  };
}
