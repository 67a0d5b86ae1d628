import type { RecordStore } from '@cairn/protocol';

/** Writes that are on their way to a store, for who must know that they are on disk. */
export interface WriteQueue {
  /** Starts a write; nobody waits for it yet. */
  add(key: string, bytes: Uint8Array): void;
  /**
   * Starts a write of what a record is then. While one is on its way all further ones are one, which starts when it
   * is done: a busy channel changes many times during one write to disk.
   */
  addNewest(key: string, encode: () => Uint8Array): void;
  /** Resolves when everything added so far is durable. Rejects when a write failed. */
  flush(): Promise<void>;
}

interface Newest {
  next: Promise<void> | null;
}

export function createWriteQueue(records: RecordStore): WriteQueue {
  const writes = new Set<Promise<void>>();
  const underWay = new Map<string, { readonly written: Promise<void> } & Newest>();

  function track(written: Promise<void>): void {
    // Whoever flushes learns of a failure; until then it must not end the process.
    written.catch(() => undefined);
    writes.add(written);
  }

  function write(key: string, encode: () => Uint8Array): Promise<void> {
    const entry = { written: records.set(key, encode()), next: null };
    underWay.set(key, entry);
    const isDone = () => {
      if (underWay.get(key) === entry && entry.next === null) underWay.delete(key);
    };
    entry.written.then(isDone, isDone);
    return entry.written;
  }

  return {
    add(key, bytes) {
      track(records.set(key, bytes));
    },
    addNewest(key, encode) {
      const before = underWay.get(key);
      if (before === undefined) {
        track(write(key, encode));
        return;
      }
      if (before.next === null) {
        // That the one before failed is told to those who wait for it.
        const start = () => write(key, encode);
        before.next = before.written.then(start, start);
      }
      track(before.next);
    },
    async flush() {
      const pending = [...writes];
      writes.clear();
      await Promise.all(pending);
    },
  };
}
