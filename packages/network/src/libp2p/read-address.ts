import type { PeerName } from '@cairn/protocol';
import { removePrivateAddressesMapper } from '@libp2p/kad-dht';
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';

/** What a multiaddr says, as far as who sets one up has to know. */
export interface ReadAddress {
  /** The IP address or name that it begins with. */
  readonly host: string;
  /** Null where it names none. */
  readonly port: number | null;
  /** Whose address it is; null when it does not say. */
  readonly peer: PeerName | null;
  /** Whether it leads through a relay. */
  readonly isRelayed: boolean;
  /** Whether peers of a public network dial it: neither a private nor a loopback address. */
  readonly isPublic: boolean;
}

const HOSTS = ['ip4', 'ip6', 'dns', 'dns4', 'dns6', 'dnsaddr'];

/** Reads a multiaddr of a machine; null when the text is none. */
export function readAddress(text: string): ReadAddress | null {
  const parsed = parseAddress(text);
  const components = parsed?.getComponents() ?? [];
  const [first] = components;
  if (parsed === null || first?.value === undefined || !HOSTS.includes(first.name)) return null;
  const last = components.at(-1);
  const port = components.find(({ name }) => name === 'tcp' || name === 'udp')?.value;
  return {
    host: first.value,
    port: port === undefined ? null : Number(port),
    peer: last?.name === 'p2p' ? (last.value ?? null) : null,
    isRelayed: components.some(({ name }) => name === 'p2p-circuit'),
    isPublic: isPublicAddress(parsed),
  };
}

export function isPublicAddress(address: Multiaddr): boolean {
  try {
    // The mapper of the table is the one place where the ranges of private addresses are written down.
    const info = { id: undefined as never, multiaddrs: [address] };
    return removePrivateAddressesMapper(info).multiaddrs.length > 0;
  } catch {
    return false;
  }
}

/** A multiaddr; null when the text is none. */
export function parseAddress(text: string): Multiaddr | null {
  try {
    return text.length <= 400 ? multiaddr(text) : null;
  } catch {
    return null;
  }
}
