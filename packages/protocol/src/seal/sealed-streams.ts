import { ProtocolError } from '../errors.ts';
import type { Stream } from '../ports/transport.ts';
import { decodeServerFrame } from '../wire/infer-frame.ts';
import { type ChunkOpener, type ChunkSealer, isSealedPiece } from './chunks.ts';
import { sealBroken } from './seal-broken.ts';

const NOTHING = new Uint8Array(0);

/** The provider's end of a sealed exchange: what it writes is sealed, and closing says so under the seal. */
export function sealWrites(stream: Stream, sealer: ChunkSealer): Stream {
  return {
    remote: stream.remote,
    protocol: stream.protocol,
    write: (frame) => stream.write(sealer.seal(frame, false)),
    read: () => stream.read(),
    async closeWrite() {
      await stream.write(sealer.seal(NOTHING, true));
      await stream.closeWrite();
    },
    abort: (reason) => stream.abort(reason),
  };
}

/**
 * The payer's end of a sealed exchange: what it reads was sealed by the provider, in this order. In place of the
 * first sealed frame an error in clear may come, of a provider that could not open the request. Nothing else in
 * clear is taken: anybody on the way could have written it.
 *
 * @param isError whether a frame in clear is an error of this protocol.
 */
export function openReads(
  stream: Stream,
  opener: ChunkOpener,
  isError: (frame: Uint8Array) => boolean = isInferError,
): Stream {
  let hasBegun = false;
  return {
    remote: stream.remote,
    protocol: stream.protocol,
    write: (frame) => stream.write(frame),
    async read() {
      const frame = await stream.read();
      if (frame === null) {
        if (hasBegun && !opener.isOver) throw truncated();
        return null;
      }
      if (!hasBegun && !isSealedPiece(frame)) {
        if (isError(frame)) return frame;
        throw sealBroken('the answer is in clear');
      }
      hasBegun = true;
      const bytes = opener.open(frame);
      if (!opener.isOver) return bytes;
      if (bytes.length > 0) throw sealBroken('its last piece is not empty');
      return null;
    },
    closeWrite: () => stream.closeWrite(),
    abort: (reason) => stream.abort(reason),
  };
}

const isInferError = (frame: Uint8Array): boolean => decodeServerFrame(frame).type === 'error';

function truncated(): ProtocolError {
  return new ProtocolError(
    { code: 'SEAL_TRUNCATED' },
    'A sealed answer ended before its last piece: it was cut on its way. Ask again.',
  );
}
