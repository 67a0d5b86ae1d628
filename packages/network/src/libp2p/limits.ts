/** What one peer, and all together, may take of this machine. */
export interface NetworkLimits {
  /** Connections of all peers. */
  connections: number;
  connectionsPerPeer: number;
  /** New connections per second from one host; further ones are closed before any handshake. */
  connectionsPerSecond: number;
  /** Connections in their handshake at the same time. */
  handshakes: number;
  /** Streams one peer may have open here, over all of its connections and protocols. */
  streamsPerPeer: number;
  /** Bytes held for one peer: frames not yet read, parts of frames, frames not yet sent. */
  heldBytesPerPeer: number;
  /** The same for all peers together. */
  heldBytes: number;
  /** Time for one frame from its first byte to its last, and for the first frame of a stream a peer has opened. */
  frameTimeoutMs: number;
  /** Time in which the other side has to take something of what is being written to it. */
  stallTimeoutMs: number;
  /** Time for the handshakes of a connection, and for agreeing on the protocol of a stream. */
  handshakeTimeoutMs: number;
  /** Time for reaching a peer: half for the addresses that are known, half for hints. */
  dialTimeoutMs: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_LIMITS: Readonly<NetworkLimits> = {
  connections: 300,
  connectionsPerPeer: 3,
  connectionsPerSecond: 20,
  handshakes: 32,
  streamsPerPeer: 64,
  heldBytesPerPeer: 64 * MIB,
  heldBytes: 512 * MIB,
  frameTimeoutMs: 60_000,
  stallTimeoutMs: 120_000,
  handshakeTimeoutMs: 10_000,
  dialTimeoutMs: 20_000,
};

/**
 * Streams of all protocols that one connection may carry, those of discovery and gossip among them. Until a protocol is
 * agreed on, libp2p may hold 256 KiB for each, which no budget counts.
 */
export const STREAMS_PER_CONNECTION = 128;

/** Cost of frames that a writer may have on the way or unread; one more frame may exceed it. */
export const WINDOW_BYTES = MIB;

/** What a frame costs beyond its bytes, so that many small frames are not free. */
const FRAME_COST_BYTES = 128;

/** What a frame of so many bytes counts against windows and budgets. */
export function costOf(frameBytes: number): number {
  return frameBytes + FRAME_COST_BYTES;
}
