import { bytesToHex, CairnError, type Logger } from '@cairn/core';
import {
  BLOB_PROTOCOL,
  decodeWantFrame,
  encodeBlobFrame,
  MAX_BLOB_PART_BYTES,
  type PeerName,
  type Stream,
  type Timer,
  type Transport,
} from '@cairn/protocol';

export interface ServeBlobsParts {
  readonly transport: Transport;
  readonly timer: Timer;
  readonly log: Logger;
  /** The bytes of a blob that whoever asks may have, by its id in hex; null for all others. */
  readonly find: (id: string) => Promise<Uint8Array | null>;
}

/** Streams served at a time, to one peer and in all. */
const MAX_STREAMS_PER_PEER = 2;
const MAX_STREAMS = 64;
/** Longest service of one stream, so that a reader that stalls does not hold its place. */
const MOST_MS = 60_000;

/** Answers peers that ask for blobs, until it is disposed. */
export function serveBlobs({ transport, timer, log, find }: ServeBlobsParts): Disposable {
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
      if (isOurs) log.error('a blob is damaged on disk', data);
      else log.debug('a blob was not fetched', data);
    } finally {
      stop();
      serving.delete(stream);
    }
  }

  async function answer(stream: Stream): Promise<void> {
    const asked = await stream.read();
    if (asked === null) return;
    const bytes = await find(bytesToHex(decodeWantFrame(asked).id));
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
    [Symbol.dispose]() {
      stopListening();
      for (const stream of serving.keys()) stream.abort('this peer is stopping');
    },
  };
}
