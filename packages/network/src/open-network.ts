import type { Network, NetworkOptions, NetworkParts } from './options.ts';

/**
 * Opens this peer: libp2p over TCP and WebSocket with noise and yamux. It listens, and dials nobody before `join`.
 *
 * @throws NetworkError `IDENTITY_MALFORMED`, `LISTEN_FAILED`
 * @example
 * await using network = await openNetwork({ clock, timer, crypto, log, identity }, { chainId, bootstrap });
 * await network.join();
 */
export async function openNetwork(parts: NetworkParts, options: NetworkOptions): Promise<Network> {
  // Loaded here and not at the top: it is 100 MB of memory that a process without peers does not need.
  const { openNode } = await import('./open-node.ts');
  return openNode(parts, options);
}
