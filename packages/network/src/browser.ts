/**
 * The network in a browser: WebSocket only, no listeners but through relays, a client of the table.
 *
 * @module
 */
import { webSockets } from '@libp2p/websockets';
import { openWith } from './open.ts';
import type { Network, NetworkOptions, NetworkParts } from './options.ts';

/** @throws NetworkError `IDENTITY_MALFORMED`, `LISTEN_FAILED` */
export function openBrowserNetwork(
  parts: NetworkParts,
  options: Omit<NetworkOptions, 'listen' | 'mdns' | 'relayServer'>,
): Promise<Network> {
  return openWith({ transports: [webSockets()], listen: [], missing: [], localDiscovery: null }, parts, {
    ...options,
    listen: [],
    dht: 'client',
  });
}
