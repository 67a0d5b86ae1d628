import type { AccountId } from '@cairn/core';
import type { PeerName } from '@cairn/protocol';

/** A peer that the ledger names, and where it says the peer is. */
export interface KnownPeer {
  readonly peer: PeerName;
  /** Multiaddrs. */
  readonly addresses: readonly string[];
}

/** What the ledger says about peers. Discovery and gossip only give hints; this is what decides. */
export interface PeerDirectory {
  /** Where a peer is; null when the ledger does not name it. */
  addressesOf(peer: PeerName): Promise<readonly string[] | null>;
  /** Whether a provider has registered this peer as one of its devices. */
  isDeviceOf(peer: PeerName, provider: AccountId): Promise<boolean>;
  /** The slot of the newest block. */
  slot(): bigint;
  /** Some peers to begin with, at most `limit`. */
  somePeers(limit: number): Promise<readonly KnownPeer[]>;
}
