import type { CancelSignal } from '@cairn/core';
import {
  decodeRelayAnswerFrame,
  encodeRelayFrame,
  INFER_PROTOCOL,
  type PeerName,
  ProtocolError,
  RELAY_PROTOCOL,
  type Stream,
  type Timer,
  type Transport,
} from '@cairn/protocol';
import { SdkError } from '../errors.ts';

/** Longest wait for a relay to say that it has the provider, in milliseconds: it has to find and dial it. */
const READY_MS = 30_000;

/**
 * A transport whose inference streams go through a relay, so that providers see the relay's address only. It is for
 * sealed requests: a relay passes no others on. Everything else goes the direct way.
 */
export function createRelayedTransport(transport: Transport, relay: PeerName, timer: Timer): Transport {
  /** Reads what the relay says, which may be nothing for ever. */
  async function readAnswer(stream: Stream, peer: PeerName, signal?: CancelSignal): Promise<Uint8Array> {
    let silence = 'it closed the stream';
    const end = (reason: string) => {
      silence = reason;
      stream.abort(reason);
    };
    const stop = timer.schedule(READY_MS, () => end(`it was silent for ${READY_MS} ms`));
    const leave = () => end('nobody waits for it any more');
    signal?.addEventListener('abort', leave, { once: true });
    if (signal?.aborted === true) leave();
    try {
      const bytes = await stream.read().catch((cause: unknown) => {
        throw unreachable(peer, relay, silence, cause);
      });
      if (bytes === null) throw unreachable(peer, relay, silence);
      return bytes;
    } finally {
      stop();
      signal?.removeEventListener('abort', leave);
    }
  }

  return {
    peer: transport.peer,
    async dial(peer, protocol, options) {
      if (protocol !== INFER_PROTOCOL) return transport.dial(peer, protocol, options);
      const stream = await transport.dial(relay, RELAY_PROTOCOL, options);
      try {
        await stream.write(encodeRelayFrame({ type: 'forward', peer }));
        const answer = decodeRelayAnswerFrame(await readAnswer(stream, peer, options?.signal));
        if (answer.type === 'refused') throw refused(peer, relay, answer.code, answer.message);
      } catch (error) {
        stream.abort('the relay does not pass this on');
        throw error;
      }
      return throughRelay(stream, peer, protocol);
    },
    listen: (protocol, handler) => transport.listen(protocol, handler),
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}

/** @note the relay says that this is the peer; that it is the provider its seal proves. */
function throughRelay(stream: Stream, remote: PeerName, protocol: string): Stream {
  return {
    remote,
    protocol,
    write: (frame) => stream.write(frame),
    read: () => stream.read(),
    closeWrite: () => stream.closeWrite(),
    abort: (reason) => stream.abort(reason),
  };
}

function unreachable(peer: PeerName, relay: PeerName, reason: string, cause?: unknown): ProtocolError {
  return new ProtocolError(
    { code: 'PEER_UNREACHABLE', peer },
    `Peer ${peer} cannot be reached through the relay ${relay}: ${reason}. Try again, or choose another relay.`,
    cause === undefined ? {} : { cause },
  );
}

function refused(peer: PeerName, relay: PeerName, reason: string, message: string): SdkError {
  return new SdkError(
    { code: 'RELAY_REFUSED', relay, peer, reason },
    `The relay ${relay} does not pass on to ${peer}: ${message}`,
  );
}
