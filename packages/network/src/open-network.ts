import { mdns } from '@libp2p/mdns';
import { tcp } from '@libp2p/tcp';
import { webSockets } from '@libp2p/websockets';
import { openWith } from './open.ts';
import type { Network, NetworkOptions, NetworkParts } from './options.ts';

/**
 * Opens this peer: libp2p over TCP and WebSocket with noise and yamux. It listens, and dials nobody before `join`.
 *
 * @throws NetworkError `IDENTITY_MALFORMED`, `LISTEN_FAILED`
 * @example
 * await using network = await openNetwork({ clock, timer, crypto, log, identity }, { chainId, bootstrap });
 * await network.join();
 */
export function openNetwork(parts: NetworkParts, options: NetworkOptions): Promise<Network> {
  return openWith(
    {
      transports: [tcp(), webSockets()],
      peerDiscovery: options.mdns === true ? [mdns()] : [],
    },
    parts,
    options,
  );
}
