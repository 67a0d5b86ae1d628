import type { BlobStore, RecordStore } from '@cairn/protocol';
import { type ServeBlobsParts, serveBlobs } from '../blobs/serve-blobs.ts';

export interface EvidenceServerParts extends Omit<ServeBlobsParts, 'find'> {
  readonly blobs: BlobStore;
  /** Remembers which blobs are public. */
  readonly records: RecordStore;
}

/** Publishes evidence and hands it to peers that ask. */
export interface EvidenceServer extends Disposable {
  /** Keeps the bytes and makes them public. Returns their id when both are durable. */
  publish(sealed: Uint8Array): Promise<string>;
}

const PUBLIC = 'validator/public/';

/** Serves the blobs that were published through it and nothing else of the store. */
export function createEvidenceServer(parts: EvidenceServerParts): EvidenceServer {
  const { blobs, records } = parts;
  const served = serveBlobs({
    ...parts,
    find: async (id) => (records.get(PUBLIC + id) === undefined ? null : blobs.get(id)),
  });
  return {
    async publish(sealed) {
      const id = await blobs.put(sealed);
      await records.set(PUBLIC + id, Uint8Array.of(1));
      return id;
    },
    [Symbol.dispose]: () => served[Symbol.dispose](),
  };
}
