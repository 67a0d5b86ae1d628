/**
 * The network in a browser: WebSocket and WebRTC, no listeners but through relays, a client of the table.
 *
 * @module
 */
import { webRTC, webRTCDirect } from '@libp2p/webrtc';
import { webSockets } from '@libp2p/websockets';
import { DEFAULT_LIMITS } from './libp2p/limits.ts';
import { openWith } from './open.ts';
import type { Network, NetworkOptions, NetworkParts } from './options.ts';
import { guardTransport, type TransportFactory } from './transports/guard-transport.ts';

export interface BrowserNetworkOptions
  extends Omit<NetworkOptions, 'listen' | 'mdns' | 'relayServer' | 'transports'> {
  /**
   * Servers asked where this page is, such as `stun:stun.example.org:3478`, which two pages behind routers need to
   * reach each other; they learn its address. @default none
   */
  readonly stun?: readonly string[];
}

/** @throws NetworkError `IDENTITY_MALFORMED`, `LISTEN_FAILED` */
export function openBrowserNetwork(parts: NetworkParts, options: BrowserNetworkOptions): Promise<Network> {
  const { stun = [], relays = [] } = options;
  // Left to itself the library asks servers of others.
  const rtcConfiguration = { iceServers: stun.map((urls) => ({ urls })) };
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const transports = [webRTCDirect({ rtcConfiguration }), webRTC({ rtcConfiguration })].map((transport) =>
    guardTransport(transport as TransportFactory, limits),
  );
  return openWith(
    {
      transports: [webSockets(), ...transports],
      // By way of a relay, two pages agree on a connection of their own.
      listen: relays.length === 0 ? [] : ['/webrtc'],
      missing: [],
      localDiscovery: null,
    },
    parts,
    { ...options, dht: 'client' },
  );
}
