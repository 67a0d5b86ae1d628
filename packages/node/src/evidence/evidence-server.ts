import { bytesToHex, CairnError, type Logger } from '@cairn/core';
import {
  BLOB_PROTOCOL,
  type BlobStore,
  decodeWantFrame,
  encodeBlobFrame,
  MAX_BLOB_PART_BYTES,
  type PeerName,
  type RecordStore,
  type Stream,
  type Timer,
  type Transport,
} from '@cairn/protocol';

export interface EvidenceServerParts {
  readonly transport: Transport;
  readonly blobs: BlobStore;
  /** Remembers which blobs are public. */
  readonly records: RecordStore;
  readonly timer: Timer;
  readonly log: Logger;
}

/** Publishes evidence and hands it to peers that ask. */
export interface EvidenceServer extends Disposable {
  /** Keeps the bytes and makes them public. Returns their id when both are durable. */
  publish(sealed: Uint8Array): Promise<string>;
}

const PUBLIC = 'validator/public/';
/** Streams served at a time, to one peer and in all. */
const MAX_STREAMS_PER_PEER = 2;
const MAX_STREAMS = 64;
/** Longest service of one stream, so that a reader that stalls does not hold its place. */
const MOST_MS = 60_000;

/** Serves the blobs that were published through it and nothing else of the store. */
export function createEvidenceServer(parts: EvidenceServerParts): EvidenceServer {
  const { transport, blobs, records, timer, log } = parts;
  const serving = new Map<Stream, PeerName>();

  async function serve(stream: Stream): Promise<void> {
    const sameAsker = [...serving.values()].filter((peer) => peer === stream.remote).length;
    if (serving.size >= MAX_STREAMS || sameAsker >= MAX_STREAMS_PER_PEER) {
      stream.abort('too many blobs are asked for at once');
      return;
    }
    serving.set(stream, stream.remote);
    const stop = timer.schedule(MOST_MS, () => stream.abort('it took too long'));
    try {
      await answer(stream);
    } catch (error) {
      if (!(error instanceof CairnError)) throw error;
      stream.abort('the request failed');
      const isOurs = error.code === 'BLOB_CORRUPT';
      const data = { peer: stream.remote, code: error.code };
      if (isOurs) log.error('published evidence is damaged on disk', data);
      else log.debug('evidence was not fetched', data);
    } finally {
      stop();
      serving.delete(stream);
    }
  }

  async function answer(stream: Stream): Promise<void> {
    const asked = await stream.read();
    if (asked === null) return;
    const id = bytesToHex(decodeWantFrame(asked).id);
    const bytes = records.get(PUBLIC + id) === undefined ? null : await blobs.get(id);
    if (bytes === null) {
      await stream.write(encodeBlobFrame({ type: 'absent' }));
      return;
    }
    await stream.write(encodeBlobFrame({ type: 'size', sizeBytes: bytes.length }));
    for (let at = 0; at < bytes.length; at += MAX_BLOB_PART_BYTES) {
      const part = bytes.subarray(at, at + MAX_BLOB_PART_BYTES);
      await stream.write(encodeBlobFrame({ type: 'part', bytes: part }));
    }
  }

  const stopListening = transport.listen(BLOB_PROTOCOL, serve);
  return {
    async publish(sealed) {
      const id = await blobs.put(sealed);
      await records.set(PUBLIC + id, Uint8Array.of(1));
      return id;
    },
    [Symbol.dispose]() {
      stopListening();
      for (const stream of serving.keys()) stream.abort('this peer is stopping');
    },
  };
}
