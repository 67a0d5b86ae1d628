import { mdns } from '@libp2p/mdns';
import { tcp } from '@libp2p/tcp';
import { webSockets } from '@libp2p/websockets';
import { networkTag } from './libp2p/host.ts';
import { DEFAULT_LIMITS, type NetworkLimits } from './libp2p/limits.ts';
import { openWith } from './open.ts';
import type { MissingTransport, Network, NetworkOptions, NetworkParts, TransportName } from './options.ts';
import type { Loaded, TransportFactory } from './transports/guard-transport.ts';
import { loadQuic } from './transports/quic.ts';
import { loadWebrtc } from './transports/webrtc.ts';

const ALL = ['tcp', 'quic', 'websocket', 'webrtc'] as const satisfies readonly TransportName[];

const LOOPBACK: Readonly<Record<TransportName, string>> = {
  tcp: '/ip4/127.0.0.1/tcp/0',
  websocket: '/ip4/127.0.0.1/tcp/0/ws',
  quic: '/ip4/127.0.0.1/udp/0/quic-v1',
  webrtc: '/ip4/127.0.0.1/udp/0/webrtc-direct',
};

/** @throws NetworkError `IDENTITY_MALFORMED`, `LISTEN_FAILED` */
export async function openNode(parts: NetworkParts, options: NetworkOptions): Promise<Network> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const wanted = options.transports ?? ALL;
  const transports: TransportFactory[] = [];
  const missing: MissingTransport[] = [];
  for (const transport of wanted) {
    const loaded = await load(transport, limits, parts.identity);
    if (loaded.transport !== undefined) transports.push(loaded.transport);
    else missing.push({ transport, reason: loaded.missing });
  }
  for (const { transport, reason } of missing)
    parts.log.warn('a transport is missing', { transport, reason });
  const here = wanted.filter((name) => missing.every(({ transport }) => transport !== name));
  const listen = options.listen ?? here.map((name) => LOOPBACK[name]);
  const { mdns: isLocal = false, chainId } = options;
  return openWith(
    {
      transports,
      missing,
      listen: listen.filter((address) =>
        missing.every(({ transport }) => transport !== transportOf(address)),
      ),
      localDiscovery: isLocal ? mdns({ serviceTag: `_cairn-${networkTag(chainId)}._udp.local` }) : null,
    },
    parts,
    options,
  );
}

async function load(name: TransportName, limits: NetworkLimits, identity: Uint8Array): Promise<Loaded> {
  switch (name) {
    case 'tcp':
      return { transport: tcp() };
    case 'websocket':
      return { transport: webSockets() };
    case 'quic':
      return loadQuic(limits);
    case 'webrtc':
      return loadWebrtc(limits, identity);
  }
}

/** The transport that an address to listen on needs. */
function transportOf(address: string): TransportName {
  if (/\/quic-v1(\/|$)/.test(address)) return 'quic';
  if (/\/webrtc-direct(\/|$)/.test(address)) return 'webrtc';
  return /\/wss?(\/|$)/.test(address) ? 'websocket' : 'tcp';
}
