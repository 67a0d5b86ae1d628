import { areBytesEqual, CairnError, type CancelSignal, type Crypto, concatBytes, hexToBytes } from '@cairn/core';
import {
  BLOB_PROTOCOL,
  type BlobFrame,
  decodeBlobFrame,
  encodeBlobFrame,
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
}

/**
 * Fetches one blob from a peer: never more bytes than it announced, never more than `MAX_BLOB_BYTES`, and
 * nothing that does not hash to the id.
 *
 * @param id SHA-256 in hex.
 * @returns the bytes; null when the peer says that it does not have them
 * @throws NodeError `BLOB_NOT_FETCHED` with what the peer did
 */
export async function fetchBlob(
  { crypto, timer, transport }: FetchBlobParts,
  peer: PeerName,
  id: string,
  { signal, idleTimeoutMs = 10_000, totalTimeoutMs = 60_000 }: FetchBlobOptions = {},
): Promise<Uint8Array | null> {
  const failed = (reason: string, cause?: unknown) =>
    new NodeError(
      { code: 'BLOB_NOT_FETCHED', id, peer, reason },
      `Blob ${id} was not had from ${peer}: ${reason}. Ask again, or another peer.`,
      cause === undefined ? {} : { cause },
    );
  // A dial may hang too, and then there is no stream to abort.
  const over = Promise.withResolvers<never>();
  over.promise.catch(() => undefined);
  let stream: Stream | null = null;
  const end = (reason: string) => {
    over.reject(failed(reason));
    stream?.abort(reason);
  };
  const cancel = () => end('it was called off');
  const stopTotal = timer.schedule(totalTimeoutMs, () => end(`it took more than ${totalTimeoutMs} ms`));
  let stopIdle = timer.schedule(idleTimeoutMs, () => end(`the peer was silent for ${idleTimeoutMs} ms`));
  const noteProgress = () => {
    stopIdle();
    stopIdle = timer.schedule(idleTimeoutMs, () => end(`the peer was silent for ${idleTimeoutMs} ms`));
  };
  signal?.addEventListener('abort', cancel, { once: true });
  const isOver = { now: false };
  try {
    if (signal?.aborted === true) throw failed('it was called off');
    const dialled = transport.dial(peer, BLOB_PROTOCOL, signal === undefined ? {} : { signal });
    // One that answers after all is not left open.
    void dialled.then(
      (late) => isOver.now && late.abort('too late'),
      () => undefined,
    );
    stream = await Promise.race([dialled, over.promise]);
    const work = receive(stream, crypto, id, noteProgress);
    work.catch(() => undefined);
    return await Promise.race([work, over.promise]);
  } catch (cause) {
    stream?.abort('the fetch is over');
    if (cause instanceof NodeError) throw cause;
    if (cause instanceof CairnError) throw failed(cause.message, cause);
    throw cause;
  } finally {
    isOver.now = true;
    stopTotal();
    stopIdle();
    signal?.removeEventListener('abort', cancel);
  }

  async function receive(
    from: Stream,
    hasher: Crypto,
    wanted: string,
    onFrame: () => void,
  ): Promise<Uint8Array | null> {
    const hash = hexToBytes(wanted);
    const next = async (): Promise<BlobFrame> => {
      const bytes = await from.read();
      if (bytes === null) throw failed('it stopped in the middle');
      onFrame();
      return decodeBlobFrame(bytes);
    };
    await from.write(encodeBlobFrame({ type: 'want', id: hash }));
    await from.closeWrite();
    const first = await next();
    if (first.type === 'absent') return null;
    if (first.type !== 'size') throw failed('it sent a part before the size');
    const parts: Uint8Array[] = [];
    let left = first.sizeBytes;
    while (left > 0) {
      const frame = await next();
      if (frame.type !== 'part') throw failed(`it sent ${frame.type} among the parts`);
      if (frame.bytes.length > left) throw failed(`it sent more than the ${first.sizeBytes} bytes announced`);
      parts.push(frame.bytes);
      left -= frame.bytes.length;
    }
    if ((await from.read()) !== null) throw failed(`it sent more than the ${first.sizeBytes} bytes announced`);
    const bytes = concatBytes(...parts);
    if (!areBytesEqual(hasher.sha256(bytes), hash)) throw failed('the bytes have another hash');
    return bytes;
  }
}
