/**
 * Transports between peers: js-libp2p between machines, and its in-memory twin for one process and for tests.
 *
 * @module
 */
export type { KnownPeer, PeerDirectory } from './directory.ts';
export type { Discovery, FindOptions, ProviderHint } from './discovery/discovery.ts';
export type { DiscoveryTopic } from './discovery/discovery-key.ts';
export { type Attempt, NetworkError, type NetworkProblem } from './errors.ts';
export { peerKeyOf, peerNameOf } from './identity.ts';
export type { NetworkLimits } from './libp2p/limits.ts';
export { type ReadAddress, readAddress } from './libp2p/read-address.ts';
export type { LoadGossip, LoadListener } from './load/load-gossip.ts';
export {
  createMemoryNetwork,
  type Frame,
  type MemoryNetwork,
  type MemoryNetworkOptions,
} from './memory/memory-network.ts';
export type { Passage } from './memory/pipe.ts';
export { openNetwork } from './open-network.ts';
export type {
  JoinReport,
  LentRelay,
  MissingTransport,
  Network,
  NetworkOptions,
  NetworkParts,
  NetworkUsage,
  RelayOptions,
  TransportName,
} from './options.ts';
export type { Reach } from './reach/reach.ts';
