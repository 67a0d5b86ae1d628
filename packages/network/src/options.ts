import type { Clock, Crypto, Logger } from '@cairn/core';
import type { PeerName, RecordStore, Timer, Transport } from '@cairn/protocol';
import type { PeerDirectory } from './directory.ts';
import type { Discovery } from './discovery/discovery.ts';
import type { Attempt } from './errors.ts';
import type { NetworkLimits } from './libp2p/limits.ts';
import type { LoadGossip } from './load/load-gossip.ts';
import type { Reach } from './reach/reach.ts';

export interface NetworkParts {
  readonly clock: Clock;
  readonly timer: Timer;
  readonly crypto: Crypto;
  readonly log: Logger;
  /** Seed of this peer's Ed25519 key, 32 secret bytes. Kept by the caller, so that the name survives restarts. */
  readonly identity: Uint8Array;
  /** What the ledger says about peers. Without it only configured and remembered addresses are known. */
  readonly directory?: PeerDirectory;
  /** Remembers addresses that worked. */
  readonly cache?: RecordStore;
}

export interface RelayOptions {
  /** Peers that may hold a reservation here. @default 32 */
  readonly reservations?: number;
  /** Bytes one relayed connection may carry each way. @default 64 MiB */
  readonly bytes?: bigint;
  /** Time one relayed connection may last. @default 1_800_000 */
  readonly durationMs?: number;
}

/** Ways in which peers reach each other. */
export type TransportName = 'tcp' | 'websocket' | 'quic' | 'webrtc';

/** A transport that this machine cannot have, and why. */
export interface MissingTransport {
  readonly transport: TransportName;
  readonly reason: string;
}

export interface NetworkOptions {
  /** Separates networks from each other: 32 bytes, bound into discovery and gossip. */
  readonly chainId: Uint8Array;
  /**
   * Multiaddrs to listen on; port 0 takes a free one. Those of a transport that is missing here are left out.
   *
   * @default loopback, each transport
   */
  readonly listen?: readonly string[];
  /** Transports to use. @default all that this machine can have */
  readonly transports?: readonly TransportName[];
  /** Multiaddrs told to others instead of those listened on, for a machine behind a port forwarding. */
  readonly announce?: readonly string[];
  /** Multiaddrs to begin with. */
  readonly bootstrap?: readonly string[];
  /**
   * `public`: private and loopback addresses that others name are never dialled, so that nobody can make this
   * machine knock at doors of its own network. @default 'private'
   */
  readonly scope?: 'private' | 'public';
  /** Finds and dials peers on the local network by multicast DNS; for `private` networks. @default false */
  readonly mdns?: boolean;
  /** `client` asks the DHT and stores nothing for others. @default 'server' */
  readonly dht?: 'server' | 'client';
  /** Relays, as multiaddrs with a peer's name, through which this peer can be reached. @default none */
  readonly relays?: readonly string[];
  /**
   * A peer that finds that nobody can dial it asks up to two peers who relay to be reached through them.
   * @default true where it names relays or listens for more than its own machine
   */
  readonly autoRelay?: boolean;
  /** Lets others be reached through this peer. @default false */
  readonly relayServer?: boolean | RelayOptions;
  readonly limits?: Partial<NetworkLimits>;
}

/** How a start went. */
export interface JoinReport {
  readonly reached: readonly PeerName[];
  readonly failed: readonly Attempt[];
}

/** A peer on its network. */
export interface Network extends Transport {
  /** Transports that were wanted and are not to be had on this machine. */
  readonly missing: readonly MissingTransport[];
  /** Multiaddrs of this peer with its name, as others can dial them. */
  addresses(): readonly string[];
  /** Peers with an open connection. */
  peers(): readonly PeerName[];
  /**
   * Dials peers from the options, the cache and the ledger. With none to dial it reaches nobody and says so in its
   * report: the first peer of a network.
   *
   * @throws NetworkError `NO_PEER_REACHED` with every address that was tried and why it failed
   */
  join(): Promise<JoinReport>;
  readonly discovery: Discovery;
  readonly load: LoadGossip;
  /** Whether others can dial this peer, as they say after trying. */
  reach(): Reach;
  /** What this peer lends to those who are reached through it; null when it does not relay. */
  lent(): LentRelay | null;
  /** What peers take of this machine now. */
  usage(): NetworkUsage;
}

/** Limits of a peer that relays, and how many peers hold a place there now. */
export type LentRelay = Readonly<Required<RelayOptions>> & { readonly held: number };

export interface NetworkUsage {
  readonly connections: number;
  /** Streams that others have opened here. */
  readonly streams: number;
  readonly heldBytes: number;
}
