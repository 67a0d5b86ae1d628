import {
  type PeerName,
  ProtocolError,
  type Stream,
  type StreamHandler,
  type Transport,
} from '@cairn/protocol';
import { createPipe, type Passage } from './pipe.ts';

/** A frame on its way. */
export interface Frame {
  readonly from: PeerName;
  readonly to: PeerName;
  readonly protocol: string;
  /** Counts the frames of this direction of this stream from 0. */
  readonly index: number;
  /** Counts the streams of the network from 0. */
  readonly stream: number;
  readonly bytes: Uint8Array;
}

export interface MemoryNetworkOptions {
  /** Decides what happens to each frame: cut, delayed, replaced. @default all pass */
  readonly onFrame?: (frame: Frame) => Passage;
}

/** Peers in one process. */
export interface MemoryNetwork {
  /** A transport for a new peer. @throws ProtocolError `PEER_UNREACHABLE` when the name is taken */
  join(peer: PeerName): Transport;
  /** Cuts every stream between two peers and refuses new ones until `heal`. */
  part(one: PeerName, other: PeerName): void;
  heal(one: PeerName, other: PeerName): void;
}

interface Link {
  readonly ends: readonly [PeerName, PeerName];
  abort(reason: string): void;
  isOver(): boolean;
}

interface Seat {
  readonly handlers: Map<string, StreamHandler>;
}

/**
 * The in-memory twin of the network: same port, same limits, same backpressure, no sockets. Names are taken
 * at their word, so it is for peers of one process only.
 */
export function createMemoryNetwork(options: MemoryNetworkOptions = {}): MemoryNetwork {
  const seats = new Map<PeerName, Seat>();
  const links = new Set<Link>();
  const parted = new Set<string>();
  let streams = 0;

  function connect(from: PeerName, to: PeerName, protocol: string): readonly [Stream, Stream] {
    const stream = streams++;
    for (const link of links) if (link.isOver()) links.delete(link);
    const cut = () => link.abort('the connection was lost');
    const pipeOf = (sender: PeerName, receiver: PeerName) => {
      let index = 0;
      return createPipe({
        onCut: cut,
        onFrame: (bytes) =>
          options.onFrame?.({ from: sender, to: receiver, protocol, index: index++, stream, bytes }) ??
          'pass',
      });
    };
    const out = pipeOf(from, to);
    const back = pipeOf(to, from);
    const abort = (reason: string) => {
      out.abort(reason);
      back.abort(reason);
    };
    const link: Link = { ends: [from, to], abort, isOver: () => out.isOver && back.isOver };
    links.add(link);
    const endOf = (remote: PeerName, write: typeof out, read: typeof out): Stream => ({
      remote,
      protocol,
      write: (frame) => write.write(frame),
      read: () => read.read(),
      closeWrite: async () => write.close(),
      abort,
    });
    return [endOf(to, out, back), endOf(from, back, out)];
  }

  async function dial(from: PeerName, to: PeerName, protocol: string, cancelled: boolean): Promise<Stream> {
    const seat = seats.get(to);
    if (seat === undefined || cancelled || !seats.has(from) || parted.has(pairOf(from, to))) {
      throw new ProtocolError(
        { code: 'PEER_UNREACHABLE', peer: to },
        `Peer ${to} cannot be reached. It is offline, or the way to it is cut.`,
      );
    }
    const handler = seat.handlers.get(protocol);
    if (handler === undefined) {
      throw new ProtocolError(
        { code: 'PROTOCOL_UNSUPPORTED', peer: to, protocol },
        `Peer ${to} does not serve ${protocol}.`,
      );
    }
    const [ours, theirs] = connect(from, to, protocol);
    void handler(theirs).then(
      () => theirs.closeWrite(),
      (error: unknown) => theirs.abort(error instanceof Error ? error.message : 'the handler failed'),
    );
    return ours;
  }

  return {
    join(peer) {
      if (seats.has(peer)) {
        throw new ProtocolError({ code: 'PEER_UNREACHABLE', peer }, `The name ${peer} is taken already.`);
      }
      const seat: Seat = { handlers: new Map() };
      seats.set(peer, seat);
      return {
        peer,
        dial: (to, protocol, { signal } = {}) => dial(peer, to, protocol, signal?.aborted === true),
        listen(protocol, handler) {
          if (seat.handlers.has(protocol)) {
            throw new ProtocolError(
              { code: 'PROTOCOL_TAKEN', protocol },
              `${peer} serves ${protocol} already.`,
            );
          }
          seat.handlers.set(protocol, handler);
          return () => {
            seat.handlers.delete(protocol);
          };
        },
        async [Symbol.asyncDispose]() {
          seats.delete(peer);
          for (const link of links) if (link.ends.includes(peer)) link.abort(`${peer} went away`);
        },
      };
    },
    part(one, other) {
      parted.add(pairOf(one, other));
      for (const link of links) {
        if (link.ends.includes(one) && link.ends.includes(other)) link.abort('the network was parted');
      }
    },
    heal(one, other) {
      parted.delete(pairOf(one, other));
    },
  };
}

function pairOf(one: PeerName, other: PeerName): string {
  return [one, other].sort().join('\n');
}
