import { createHash } from 'node:crypto';
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type BlobStore, MAX_BLOB_BYTES } from '@cairn/protocol';
import { NodeError } from '../errors.ts';
import { writeFileDurably } from './durable-file.ts';

/** SHA-256 in hex. */
const BLOB_ID = /^[0-9a-f]{64}$/;

/** A store whose owner may forget blobs again. */
export interface ShrinkingBlobStore extends BlobStore {
  /** Forgets a blob; does nothing when it is not here. */
  remove(id: string): Promise<void>;
}

/** Content-addressed files: the id is the SHA-256 of the bytes in hex. */
export function createFileBlobStore(folder: string): ShrinkingBlobStore {
  const pathOf = (id: string) => join(folder, id.slice(0, 2), id);
  return {
    async put(bytes) {
      if (bytes.length > MAX_BLOB_BYTES) {
        throw new NodeError(
          { code: 'BLOB_TOO_LARGE', sizeBytes: bytes.length, limitBytes: MAX_BLOB_BYTES },
          `A blob of ${bytes.length} bytes is larger than the ${MAX_BLOB_BYTES} allowed.`,
        );
      }
      const id = createHash('sha256').update(bytes).digest('hex');
      await writeFileDurably(pathOf(id), bytes);
      return id;
    },
    async get(id) {
      if (!BLOB_ID.test(id)) return null;
      let bytes: Uint8Array;
      try {
        if ((await stat(pathOf(id))).size > MAX_BLOB_BYTES) throw corrupt(id);
        bytes = new Uint8Array(await readFile(pathOf(id)));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }
      if (createHash('sha256').update(bytes).digest('hex') !== id) throw corrupt(id);
      return bytes;
    },
    async remove(id) {
      if (BLOB_ID.test(id)) await rm(pathOf(id), { force: true });
    },
  };
}

function corrupt(id: string): NodeError {
  return new NodeError(
    { code: 'BLOB_CORRUPT', id },
    `Blob ${id} is damaged on disk. Delete it; it can be fetched again.`,
  );
}
