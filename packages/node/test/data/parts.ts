import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordStore } from '@cairn/protocol';
import { onTestFinished } from 'vitest';
import type { ShrinkingBlobStore } from '../../src/data/blob-store.ts';

/** A folder that is gone after the test. */
export function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-node-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Records in memory; `copy` is what a crash at this moment leaves behind. */
export function aRecordStore(
  from?: ReadonlyMap<string, Uint8Array>,
): RecordStore & { copy(): ReturnType<typeof aRecordStore> } {
  const records = new Map(from);
  return {
    get: (key) => records.get(key),
    async set(key, record) {
      records.set(key, record.slice());
    },
    async delete(key) {
      records.delete(key);
    },
    keys: (prefix) => [...records.keys()].filter((key) => key.startsWith(prefix)).sort(),
    copy: () => aRecordStore(records),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** Blobs in memory: a disk would go on at its own pace while blocks pass. */
export function aBlobStore(): ShrinkingBlobStore {
  const blobs = new Map<string, Uint8Array>();
  return {
    async put(bytes) {
      const id = createHash('sha256').update(bytes).digest('hex');
      blobs.set(id, bytes.slice());
      return id;
    },
    get: async (id) => blobs.get(id)?.slice() ?? null,
    async remove(id) {
      blobs.delete(id);
    },
  };
}
