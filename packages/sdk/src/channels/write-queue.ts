import type { RecordStore } from '@cairn/protocol';

/** Writes that go to a store together, for who must know that they are on disk. */
export interface WriteQueue {
  /** To be written with the next flush. */
  add(key: string, bytes: Uint8Array): void;
  /** What was added and may not be on disk yet. */
  unwritten(key: string): Uint8Array | undefined;
  /** Resolves when everything added so far is durable. Rejects when a write failed. */
  flush(): Promise<void>;
}

export function createWriteQueue(records: RecordStore): WriteQueue {
  let waiting = new Map<string, Uint8Array>();
  const underWay = new Set<ReadonlyMap<string, Uint8Array>>();
  return {
    add(key, bytes) {
      waiting.set(key, bytes);
    },
    unwritten: (key) => waiting.get(key) ?? [...underWay].findLast((writing) => writing.has(key))?.get(key),
    async flush() {
      const mine = waiting;
      waiting = new Map();
      underWay.add(mine);
      try {
        await Promise.all(Array.from(mine, ([key, bytes]) => records.set(key, bytes)));
      } finally {
        underWay.delete(mine);
      }
    },
  };
}
