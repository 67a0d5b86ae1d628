import type { ReplaceableStore, Store } from './store.ts';

/** A store that forgets: for tests and simulations. Listing sorts all keys, O(n log n). */
export function createMemoryStore(): ReplaceableStore {
  let values = new Map<string, Uint8Array>();
  let aside: Map<string, Uint8Array> | null = null;
  return {
    ...createAccess(() => values),
    async aside() {
      const opened = new Map<string, Uint8Array>();
      aside = opened;
      return { ...createAccess(() => opened), close: async () => undefined };
    },
    async dropAside() {
      aside = null;
    },
    async adoptAside() {
      values = aside ?? values;
      aside = null;
    },
    async close() {},
  };
}

function createAccess(current: () => Map<string, Uint8Array>): Omit<Store, 'close'> {
  const keysOf = (values: Map<string, Uint8Array>, prefix: string, after?: string): string[] =>
    [...values.keys()].filter((key) => key.startsWith(prefix) && (after === undefined || key > after)).sort();
  function* entriesOf(values: Map<string, Uint8Array>, prefix: string, after?: string) {
    for (const key of keysOf(values, prefix, after)) yield [key, values.get(key)!] as const;
  }
  return {
    get: (key) => current().get(key),
    entries: (prefix, after) => entriesOf(current(), prefix, after),
    *keys(prefix, after) {
      yield* keysOf(current(), prefix, after);
    },
    async write(changes) {
      for (const { key, value } of changes) {
        if (value === null) current().delete(key);
        else current().set(key, value);
      }
    },
    freeze() {
      const values = new Map(current());
      return {
        get: (key) => values.get(key),
        entries: (prefix, after) => entriesOf(values, prefix, after),
        release: () => undefined,
      };
    },
  };
}
