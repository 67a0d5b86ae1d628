import type { RecordStore } from '@cairn/protocol';

/** Writes that go to a store together, for who must know that they are on disk. */
export interface WriteQueue {
  /** To be written with the next flush. */
  add(key: string, bytes: Uint8Array): void;
  /** Resolves when everything added so far is durable. Rejects when a write failed. */
  flush(): Promise<void>;
}

export function createWriteQueue(records: RecordStore): WriteQueue {
  let waiting: { readonly key: string; readonly bytes: Uint8Array }[] = [];
  return {
    add(key, bytes) {
      waiting.push({ key, bytes });
    },
    async flush() {
      const mine = waiting;
      waiting = [];
      await Promise.all(mine.map(({ key, bytes }) => records.set(key, bytes)));
    },
  };
}
