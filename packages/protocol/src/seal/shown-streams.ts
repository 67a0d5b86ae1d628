import type { Stream } from '../ports/transport.ts';
import { decodeShownFrame, encodeHubFrame } from '../wire/hub-frame.ts';
import { decodeServerFrame, encodeFrame, type ServerFrame } from '../wire/infer-frame.ts';
import type { ChunkSealer } from './chunks.ts';

const NOTHING = new Uint8Array(0);

/** What a hub needs of a frame to pay for it. */
function shownOf(frame: ServerFrame): ServerFrame {
  if (frame.type === 'delta') return { ...frame, text: '', tokenIds: null, logprobs: null };
  // The hub learns what kind of error it was; its words may say something of the question.
  if (frame.type === 'error') return { ...frame, message: '' };
  return frame;
}

/** What the user needs of it. Receipts that the hub missed are of other users. */
function sealedOf(frame: ServerFrame): ServerFrame {
  return frame.type === 'accepted' ? { ...frame, missed: [] } : frame;
}

/**
 * The provider's end of a sealed exchange that a hub pays for: each frame goes under the seal, beside what the hub
 * may read of it.
 */
export function showWrites(stream: Stream, sealer: ChunkSealer): Stream {
  const write = (frame: Uint8Array, sealed: Uint8Array) =>
    stream.write(encodeHubFrame({ type: 'shown', frame, sealed }));
  return {
    remote: stream.remote,
    protocol: stream.protocol,
    write(bytes) {
      const frame = decodeServerFrame(bytes);
      return write(encodeFrame(shownOf(frame)), sealer.seal(encodeFrame(sealedOf(frame)), false));
    },
    read: () => stream.read(),
    async closeWrite() {
      await write(NOTHING, sealer.seal(NOTHING, true));
      await stream.closeWrite();
    },
    abort: (reason) => stream.abort(reason),
  };
}

/** The sealed piece in a frame that a hub passed on; an error in clear stays as it is. @throws ProtocolError */
export function sealedPieceOf(bytes: Uint8Array): Uint8Array {
  const frame = decodeShownFrame(bytes);
  return frame.type === 'shown' ? frame.sealed : bytes;
}

/** What a hub may read of a frame of its provider; null: its last, empty one. @throws ProtocolError */
export function shownFrameOf(bytes: Uint8Array): ServerFrame | null {
  const frame = decodeShownFrame(bytes);
  if (frame.type === 'error') return frame;
  return frame.frame.length === 0 ? null : decodeServerFrame(frame.frame);
}
