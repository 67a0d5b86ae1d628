import {
  decodeRelayAnswerFrame,
  encodeRelayFrame,
  INFER_PROTOCOL,
  type PeerName,
  ProtocolError,
  RELAY_PROTOCOL,
  type Stream,
  type Transport,
} from '@cairn/protocol';
import { SdkError } from '../errors.ts';

/**
 * A transport whose inference streams go through a relay, so that providers see the relay's address only. It is for
 * sealed requests: a relay passes no others on. Everything else goes the direct way.
 */
export function createRelayedTransport(transport: Transport, relay: PeerName): Transport {
  return {
    peer: transport.peer,
    async dial(peer, protocol, options) {
      if (protocol !== INFER_PROTOCOL) return transport.dial(peer, protocol, options);
      const stream = await transport.dial(relay, RELAY_PROTOCOL, options);
      try {
        await stream.write(encodeRelayFrame({ type: 'forward', peer }));
        const bytes = await stream.read();
        if (bytes === null) throw unreachable(peer, relay, 'it closed the stream');
        const answer = decodeRelayAnswerFrame(bytes);
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

function unreachable(peer: PeerName, relay: PeerName, reason: string): ProtocolError {
  return new ProtocolError(
    { code: 'PEER_UNREACHABLE', peer },
    `Peer ${peer} cannot be reached through the relay ${relay}: ${reason}. Try again, or choose another relay.`,
  );
}

function refused(peer: PeerName, relay: PeerName, reason: string, message: string): SdkError {
  return new SdkError(
    { code: 'RELAY_REFUSED', relay, peer, reason },
    `The relay ${relay} does not pass on to ${peer}: ${message}`,
  );
}
