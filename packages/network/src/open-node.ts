import { mdns } from '@libp2p/mdns';
import { tcp } from '@libp2p/tcp';
import { webSockets } from '@libp2p/websockets';
import { networkTag } from './libp2p/host.ts';
import { openWith } from './open.ts';
import type { Network, NetworkOptions, NetworkParts } from './options.ts';

/** @throws NetworkError `IDENTITY_MALFORMED`, `LISTEN_FAILED` */
export function openNode(parts: NetworkParts, options: NetworkOptions): Promise<Network> {
  return openWith(
    {
      transports: [tcp(), webSockets()],
      localDiscovery:
        options.mdns === true
          ? mdns({ serviceTag: `_cairn-${networkTag(options.chainId)}._udp.local` })
          : null,
    },
    parts,
    options,
  );
}
