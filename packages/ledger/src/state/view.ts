/**
 * A snapshot of the state: ASCII key → canonical bytes. Keys order as text, which is their byte order.
 */
export interface StateView {
  get(key: string): Uint8Array | undefined;
}

/** A snapshot that can also be listed, for queries and genesis export. Execution never lists. */
export interface ListableView extends StateView {
  /** Keys that start with `prefix`, ascending, from the first above `after`. */
  keys(prefix: string, after?: string): Iterable<string>;
}

/** One key's new value; null deletes it. */
export interface StateChange {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** Writes over a snapshot that nobody sees until they are merged. */
export interface Overlay extends StateView {
  set(key: string, value: Uint8Array): void;
  delete(key: string): void;
  /** An overlay whose reads fall through to this one. */
  fork(): Overlay;
  /** Takes over all writes of a fork. */
  merge(fork: Overlay): void;
  /** All writes in ascending key order. */
  changes(): StateChange[];
  entries(): IterableIterator<[string, Uint8Array | null]>;
}

export function createOverlay(below: StateView): Overlay {
  const writes = new Map<string, Uint8Array | null>();
  const overlay: Overlay = {
    get(key) {
      const written = writes.get(key);
      return written === undefined ? below.get(key) : (written ?? undefined);
    },
    set: (key, value) => void writes.set(key, value),
    delete: (key) => void writes.set(key, null),
    fork: () => createOverlay(overlay),
    merge(fork) {
      for (const [key, value] of fork.entries()) writes.set(key, value);
    },
    changes: () =>
      [...writes]
        .map(([key, value]) => ({ key, value }))
        .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)),
    entries: () => writes.entries(),
  };
  return overlay;
}
