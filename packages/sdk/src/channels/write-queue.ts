import type { RecordStore } from '@cairn/protocol';

/** Writes that are on their way to a store, for who must know that they are on disk. */
export interface WriteQueue {
  /** Starts a write; nobody waits for it yet. */
  add(key: string, bytes: Uint8Array): void;
  /** Resolves when everything added so far is durable. Rejects when a write failed. */
  flush(): Promise<void>;
}

export function createWriteQueue(records: RecordStore): WriteQueue {
  let writes: Promise<void>[] = [];
  return {
    add(key, bytes) {
      const written = records.set(key, bytes);
      // Whoever flushes learns of a failure; until then it must not end the process.
      written.catch(() => undefined);
      writes.push(written);
    },
    async flush() {
      const pending = writes;
      writes = [];
      await Promise.all(pending);
    },
  };
}
