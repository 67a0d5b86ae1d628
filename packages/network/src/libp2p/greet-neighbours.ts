import type { Logger } from '@cairn/core';
import type { Libp2p, PeerDiscovery, PeerInfo } from '@libp2p/interface';
import type { Libp2pOptions } from 'libp2p';
import { explain } from './reasons.ts';

type DiscoveryFactory = NonNullable<Libp2pOptions['peerDiscovery']>[number];

/** Neighbours greeted at the same time: a crowd of invented ones is no reason to dial them all. */
const MAX_GREETINGS = 4;
const MAX_ADDRESSES = 8;

/** Neighbours on the local network, who are dialled when they are heard of. */
export interface Neighbours {
  readonly factory: DiscoveryFactory;
  /** Begins to dial. */
  greetFrom(host: Libp2p): void;
}

export function createNeighbours(discover: DiscoveryFactory, log: Logger): Neighbours {
  let host: Libp2p | null = null;
  const greeting = new Set<string>();

  async function greet({ id, multiaddrs }: PeerInfo): Promise<void> {
    const peer = id.toString();
    if (host === null || greeting.has(peer) || greeting.size >= MAX_GREETINGS) return;
    if (host.getConnections(id).length > 0) return;
    greeting.add(peer);
    try {
      const addresses = multiaddrs.slice(0, MAX_ADDRESSES).map((address) => {
        const isNamed = address.getComponents().some(({ name }) => name === 'p2p');
        return isNamed ? address : address.encapsulate(`/p2p/${peer}`);
      });
      if (addresses.length > 0) await host.dial(addresses);
    } catch (error) {
      log.debug('a neighbour could not be reached', { peer, reason: explain(error) });
    } finally {
      greeting.delete(peer);
    }
  }

  return {
    factory(components) {
      const discovery: PeerDiscovery = discover(components);
      discovery.addEventListener('peer', ({ detail }) => void greet(detail));
      return discovery;
    },
    greetFrom(opened) {
      host = opened;
    },
  };
}
