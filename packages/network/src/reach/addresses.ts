import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';

/** The IP address that a multiaddr begins with; null for names, and for what goes through a relay. */
export function hostOf(address: Multiaddr): string | null {
  const components = address.getComponents();
  const [first] = components;
  if (components.some(({ name }) => name === 'p2p-circuit')) return null;
  return (first?.name === 'ip4' || first?.name === 'ip6') && first.value !== undefined ? first.value : null;
}

/** Without the name of the peer at its end. */
export function withoutPeer(address: Multiaddr): Multiaddr {
  const components = address.getComponents();
  return components.at(-1)?.name === 'p2p' ? multiaddr(components.slice(0, -1)) : address;
}

/** The same port and protocols at another host; null when one is of version 4 and the other of version 6. */
export function atHost(address: Multiaddr, host: string): Multiaddr | null {
  const [first, ...rest] = address.getComponents();
  const name = host.includes(':') ? 'ip6' : 'ip4';
  if (first?.name !== name) return null;
  return multiaddr(`/${name}/${host}`).encapsulate(multiaddr(rest));
}

export function isLoopback(host: string): boolean {
  return host === '::1' || host.startsWith('127.');
}
