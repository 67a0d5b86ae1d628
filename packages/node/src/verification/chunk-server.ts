import { type FileHandle, open } from 'node:fs/promises';
import { bytesToHex, CairnError, type Crypto, type Logger } from '@cairn/core';
import { chunkLeaf, chunkPath } from '@cairn/mechanisms';
import {
  CHUNK_BYTES,
  CHUNK_PROTOCOL,
  decodeWantChunkFrame,
  encodeChunkFrame,
  type PeerName,
  type Stream,
  type Timer,
  type Transport,
} from '@cairn/protocol';

export interface ChunkServerParts {
  readonly crypto: Crypto;
  readonly transport: Transport;
  readonly timer: Timer;
  readonly log: Logger;
}

/** A file that is served, and the artifact that it is said to be. */
export interface HeldArtifact {
  readonly sha256: Uint8Array;
  readonly path: string;
}

/** Streams served at a time, to one peer and in all: each holds one chunk in memory. */
const MAX_STREAMS_PER_PEER = 2;
const MAX_STREAMS = 16;
/** Longest service of one stream, so that a peer that stalls does not hold its place. */
const MOST_MS = 30_000;

/**
 * Shows whoever asks any chunk of the artifacts this miner serves, with its path to the root in the card. The hashes
 * of all chunks are taken when a file is asked for first, 32 bytes for each MiB.
 */
export function serveChunks(parts: ChunkServerParts, held: readonly HeldArtifact[]): Disposable {
  const { crypto, transport, timer, log } = parts;
  const serving = new Map<Stream, PeerName>();
  const leavesOf = new Map<string, Promise<readonly Uint8Array[]>>();

  function leaves(artifact: string, path: string): Promise<readonly Uint8Array[]> {
    let known = leavesOf.get(artifact);
    if (known === undefined) {
      known = hashChunks(crypto, path);
      known.catch(() => leavesOf.delete(artifact));
      leavesOf.set(artifact, known);
    }
    return known;
  }

  async function answer(stream: Stream): Promise<void> {
    const asked = await stream.read();
    if (asked === null) return;
    const { artifact, index } = decodeWantChunkFrame(asked);
    const id = bytesToHex(artifact);
    const file = held.find(({ sha256 }) => bytesToHex(sha256) === id);
    const hashes = file === undefined ? [] : await leaves(id, file.path);
    const bytes = file === undefined || index >= hashes.length ? null : await readChunk(file.path, index);
    await stream.write(
      encodeChunkFrame(
        bytes === null || bytes.length === 0
          ? { type: 'absent' }
          : { type: 'chunk', bytes, path: chunkPath(crypto, hashes, index) },
      ),
    );
    await stream.closeWrite();
  }

  async function serve(stream: Stream): Promise<void> {
    const sameAsker = [...serving.values()].filter((peer) => peer === stream.remote).length;
    if (serving.size >= MAX_STREAMS || sameAsker >= MAX_STREAMS_PER_PEER) {
      stream.abort('too many chunks are asked for at once');
      return;
    }
    serving.set(stream, stream.remote);
    const stop = timer.schedule(MOST_MS, () => stream.abort('it took too long'));
    try {
      await answer(stream);
    } catch (error) {
      stream.abort('the chunk cannot be shown');
      if (error instanceof CairnError) {
        log.debug('a chunk was not shown', { peer: stream.remote, code: error.code });
      } else {
        const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
        log.error('the file of a served model cannot be read', { code });
      }
    } finally {
      stop();
      serving.delete(stream);
    }
  }

  const stopListening = transport.listen(CHUNK_PROTOCOL, serve);
  return {
    [Symbol.dispose]() {
      stopListening();
      for (const stream of serving.keys()) stream.abort('this peer is stopping');
    },
  };
}

async function readAt(file: FileHandle, index: number): Promise<Uint8Array> {
  const chunk = new Uint8Array(CHUNK_BYTES);
  let length = 0;
  while (length < CHUNK_BYTES) {
    const { bytesRead } = await file.read(chunk, length, CHUNK_BYTES - length, index * CHUNK_BYTES + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return chunk.subarray(0, length);
}

async function readChunk(path: string, index: number): Promise<Uint8Array> {
  await using file = await open(path, 'r');
  return await readAt(file, index);
}

async function hashChunks(crypto: Crypto, path: string): Promise<readonly Uint8Array[]> {
  await using file = await open(path, 'r');
  const hashes: Uint8Array[] = [];
  for (;;) {
    const chunk = await readAt(file, hashes.length);
    if (chunk.length === 0 && hashes.length > 0) return hashes;
    hashes.push(chunkLeaf(crypto, chunk));
    if (chunk.length < CHUNK_BYTES) return hashes;
  }
}
