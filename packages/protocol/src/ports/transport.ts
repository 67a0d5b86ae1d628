import type { CancelSignal } from '@cairn/core';

/** Name of a peer on its network, as offers on the ledger carry it. At most 200 bytes. */
export type PeerName = string;

/** Largest frame of any protocol, in bytes. */
export const MAX_FRAME_BYTES = 4 * 1024 * 1024;

/**
 * A two-way pipe of frames to one peer. Frames arrive whole, in order and once, or the stream fails.
 * Each direction ends on its own; `abort` ends both and tells the other side why.
 */
export interface Stream {
  /** The peer at the other end, as the transport has authenticated it. */
  readonly remote: PeerName;
  readonly protocol: string;
  /**
   * Hands one frame over; resolves when there is room for the next one, so a slow reader slows the writer.
   *
   * @throws ProtocolError `FRAME_TOO_LARGE`, `STREAM_ABORTED`, `STREAM_CLOSED`
   */
  write(frame: Uint8Array): Promise<void>;
  /** The next frame; null when the other side has closed its direction. @throws ProtocolError `STREAM_ABORTED` */
  read(): Promise<Uint8Array | null>;
  /** Says that nothing more will be written. Frames already written still arrive. */
  closeWrite(): Promise<void>;
  /** Ends both directions at once; frames on the way may be lost. Does nothing when it is over already. */
  abort(reason: string): void;
}

export interface DialOptions {
  readonly signal?: CancelSignal;
}

/** Serves one stream. The stream is aborted when it throws and closed when it returns. */
export type StreamHandler = (stream: Stream) => Promise<void>;

/** Peers and streams between them. What the frames mean is the protocols' own. */
export interface Transport extends AsyncDisposable {
  /** The name of this peer. */
  readonly peer: PeerName;
  /** @throws ProtocolError `PEER_UNREACHABLE`, `PROTOCOL_UNSUPPORTED` */
  dial(peer: PeerName, protocol: string, options?: DialOptions): Promise<Stream>;
  /** Serves a protocol until the returned function is called. @throws ProtocolError `PROTOCOL_TAKEN` */
  listen(protocol: string, handler: StreamHandler): () => void;
}
