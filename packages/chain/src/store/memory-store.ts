import type { Store } from './store.ts';

/** A store that forgets: for tests and simulations. Listing sorts all keys, O(n log n). */
export function createMemoryStore(): Store {
  const values = new Map<string, Uint8Array>();
  const keysOf = (prefix: string, after?: string): string[] =>
    [...values.keys()].filter((key) => key.startsWith(prefix) && (after === undefined || key > after)).sort();
  return {
    get: (key) => values.get(key),
    *entries(prefix, after) {
      for (const key of keysOf(prefix, after)) yield [key, values.get(key)!];
    },
    *keys(prefix, after) {
      yield* keysOf(prefix, after);
    },
    async write(changes) {
      for (const { key, value } of changes) {
        if (value === null) values.delete(key);
        else values.set(key, value);
      }
    },
    async close() {},
  };
}
