import {
  areBytesEqual,
  CairnError,
  type CancelSignal,
  type Crypto,
  concatBytes,
  hexToBytes,
} from '@cairn/core';
import {
  BLOB_PROTOCOL,
  type BlobFrame,
  decodeBlobFrame,
  encodeBlobFrame,
  MAX_BLOB_BYTES,
  MAX_BLOB_PART_BYTES,
  type PeerName,
  type Stream,
  type Timer,
  type Transport,
} from '@cairn/protocol';
import { NodeError } from '../errors.ts';

export interface FetchBlobParts {
  readonly crypto: Crypto;
  readonly timer: Timer;
  readonly transport: Transport;
}

export interface FetchBlobOptions {
  readonly signal?: CancelSignal;
  /** Longest silence of the peer. @default 10_000 */
  readonly idleTimeoutMs?: number;
  /** Longest whole fetch, so that a peer that drips is not waited for. @default 60_000 */
  readonly totalTimeoutMs?: number;
  /** Most bytes that are taken. @default 64 MiB, the most that any blob has */
  readonly maxBytes?: number;
  /** What tells that bytes are what is asked for by a name that is no hash. @default their SHA-256 is the id */
  readonly isIt?: (bytes: Uint8Array) => boolean;
}

/** Why a fetch failed whose stream ended before its time: the peer's doing, or the link's. */
export const BROKEN_OFF = 'it cut the stream';

type Fail = (reason: string, cause?: unknown) => NodeError;

/**
 * Fetches one blob from a peer: never more bytes than it announced, never more than `MAX_BLOB_BYTES`, and
 * nothing that does not hash to the id, or is not what `isIt` says.
 *
 * @param id SHA-256 in hex, or a name.
 * @returns the bytes; null when the peer says that it does not have them
 * @throws NodeError `BLOB_NOT_FETCHED` with what the peer did
 */
export async function fetchBlob(
  parts: FetchBlobParts,
  peer: PeerName,
  id: string,
  options: FetchBlobOptions = {},
): Promise<Uint8Array | null> {
  const { signal } = options;
  const isIt = options.isIt ?? ((bytes) => areBytesEqual(parts.crypto.sha256(bytes), hexToBytes(id)));
  const fail: Fail = (reason, cause) =>
    new NodeError(
      { code: 'BLOB_NOT_FETCHED', id, peer, reason },
      `Blob ${id} was not had from ${peer}: ${reason}. Ask again, or another peer.`,
      cause === undefined ? {} : { cause },
    );
  const watch = watchPeer(parts.timer, options, fail);
  let isOver = false;
  try {
    const dialled = parts.transport.dial(peer, BLOB_PROTOCOL, signal === undefined ? {} : { signal });
    // A peer that lets the dial hang may still answer when nobody waits any more.
    void dialled.then(
      (stream) => isOver && stream.abort('the fetch is over'),
      () => undefined,
    );
    const stream = await watch.within(dialled);
    try {
      return await watch.within(
        readBlob(stream, id, options.maxBytes ?? MAX_BLOB_BYTES, { isIt, ...watch, fail }),
      );
    } catch (error) {
      stream.abort('the fetch is over');
      throw error;
    }
  } catch (cause) {
    if (cause instanceof NodeError || !(cause instanceof CairnError)) throw cause;
    // Why a peer cut the stream is its own text, and this message goes into the log.
    throw fail(cause.code === 'STREAM_ABORTED' ? BROKEN_OFF : cause.message, cause);
  } finally {
    isOver = true;
    watch.stop();
  }
}

/** Gives up on a peer that is silent, slow or no longer wanted, wherever it lets us hang. */
function watchPeer(
  timer: Timer,
  { signal, idleTimeoutMs = 10_000, totalTimeoutMs = 60_000 }: FetchBlobOptions,
  fail: Fail,
) {
  const over = Promise.withResolvers<never>();
  over.promise.catch(() => undefined);
  const waitIdle = () =>
    timer.schedule(idleTimeoutMs, () => over.reject(fail(`it was silent for ${idleTimeoutMs} ms`)));
  const cancel = () => over.reject(fail('the fetch was called off'));
  const stopTotal = timer.schedule(totalTimeoutMs, () =>
    over.reject(fail(`it took longer than ${totalTimeoutMs} ms`)),
  );
  let stopIdle = waitIdle();
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted === true) cancel();
  return {
    within: <T>(work: Promise<T>): Promise<T> => Promise.race([work, over.promise]),
    noteProgress() {
      stopIdle();
      stopIdle = waitIdle();
    },
    stop() {
      stopTotal();
      stopIdle();
      signal?.removeEventListener('abort', cancel);
    },
  };
}

async function readBlob(
  stream: Stream,
  id: string,
  maxBytes: number,
  {
    isIt,
    noteProgress,
    fail,
  }: { isIt: (bytes: Uint8Array) => boolean; noteProgress: () => void; fail: Fail },
): Promise<Uint8Array | null> {
  const next = async (): Promise<BlobFrame> => {
    const bytes = await stream.read();
    if (bytes === null) throw fail('it stopped before the end');
    noteProgress();
    return decodeBlobFrame(bytes);
  };
  await stream.write(encodeBlobFrame({ type: 'want', id: hexToBytes(id) }));
  await stream.closeWrite();
  const first = await next();
  if (first.type === 'absent') return null;
  if (first.type !== 'size') throw fail('it sent a part before the size');
  const { sizeBytes } = first;
  if (sizeBytes > maxBytes) throw fail(`it announced ${sizeBytes} bytes; at most ${maxBytes} are wanted`);
  const received: Uint8Array[] = [];
  let left = sizeBytes;
  while (left > 0) {
    const frame = await next();
    // Parts are as large as they can be: many tiny ones would cost far more memory than they hold.
    if (frame.type !== 'part' || frame.bytes.length !== Math.min(left, MAX_BLOB_PART_BYTES))
      throw fail('its parts are not those of the size it announced');
    received.push(frame.bytes);
    left -= frame.bytes.length;
  }
  if ((await stream.read()) !== null) throw fail(`it sent more than the ${sizeBytes} bytes it announced`);
  const bytes = concatBytes(...received);
  if (!isIt(bytes)) throw fail('what it sent has another hash');
  return bytes;
}
