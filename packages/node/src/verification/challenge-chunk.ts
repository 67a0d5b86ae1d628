import { CairnError, type Clock, type Crypto } from '@cairn/core';
import type { Artifact } from '@cairn/ledger';
import { isChunkOf } from '@cairn/mechanisms';
import {
  CHUNK_PROTOCOL,
  decodeChunkFrame,
  encodeChunkFrame,
  type PeerName,
  type Stream,
  type Timer,
  type Transport,
} from '@cairn/protocol';

export interface ChallengeParts {
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly transport: Transport;
}

/**
 * `wrong`: it sent bytes that are not the chunk, which only who does not hold the file does. `absent`, `late`,
 * `unreachable` and `malformed` may have other reasons, and weigh less.
 */
export type ChunkChallenge =
  | { readonly ok: true; readonly ms: number }
  | { readonly ok: false; readonly reason: 'wrong' | 'absent' | 'late' | 'unreachable' | 'malformed' };

/** Time a provider has for one chunk: enough to read and send 1 MiB, not enough to fetch a model. */
const CHUNK_TIMEOUT_MS = 5_000;

/**
 * Has a provider show one chunk of an artifact it offers, within the time.
 *
 * @param index drawn with randomness that the provider could not know (`drawChunk`).
 */
export async function challengeChunk(
  parts: ChallengeParts,
  peer: PeerName,
  artifact: Pick<Artifact, 'sha256' | 'merkleRoot' | 'sizeBytes'>,
  index: number,
  timeoutMs: number = CHUNK_TIMEOUT_MS,
): Promise<ChunkChallenge> {
  const { crypto, clock, timer, transport } = parts;
  const startMs = clock.nowMs();
  const over = Promise.withResolvers<'late'>();
  const stop = timer.schedule(timeoutMs, () => over.resolve('late'));
  let stream: Stream | null = null;
  let isOver = false;
  const ask = async (): Promise<ChunkChallenge> => {
    const dialled = await transport.dial(peer, CHUNK_PROTOCOL, {});
    stream = dialled;
    if (isOver) dialled.abort('the challenge is over');
    await dialled.write(encodeChunkFrame({ type: 'want', artifact: artifact.sha256, index }));
    await dialled.closeWrite();
    const bytes = await dialled.read();
    if (bytes === null) return { ok: false, reason: 'absent' };
    const frame = decodeChunkFrame(bytes);
    if (frame.type === 'absent') return { ok: false, reason: 'absent' };
    return isChunkOf(crypto, { ...artifact, index }, frame.bytes, frame.path)
      ? { ok: true, ms: clock.nowMs() - startMs }
      : { ok: false, reason: 'wrong' };
  };
  const asked = ask().catch((error: unknown): ChunkChallenge => {
    if (!(error instanceof CairnError)) throw error;
    const isFrame = error.code === 'FRAME_MALFORMED' || error.code === 'FRAME_TOO_LARGE';
    return { ok: false, reason: isFrame ? 'malformed' : 'unreachable' };
  });
  const outcome = await Promise.race([asked, over.promise]);
  isOver = true;
  stop();
  (stream as Stream | null)?.abort('the challenge is over');
  return outcome === 'late' ? { ok: false, reason: 'late' } : outcome;
}
