import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Listener } from '@libp2p/interface';
import type { TransportFactory } from './guard-transport.ts';

interface StunServer {
  close(): Promise<void>;
}

/** Never let go of: see below. */
const kept = new Set<StunServer>();

/**
 * Leaves the UDP port of a WebRTC listener open until the process ends. To stop it frees what the library's own thread
 * still calls when a stranger's next STUN request arrives, which ends the process (node-datachannel 0.33.4, libjuice's
 * mux). A listener that is closed refuses who asks; its port and one thread remain, and hold the process, which has to be
 * ended with `process.exit`.
 */
export function keepStunServers(create: TransportFactory): TransportFactory {
  return (components) => {
    const transport = create(components);
    const open = transport.createListener.bind(transport);
    transport.createListener = (options) => {
      const listener: Listener & { stunServer?: StunServer } = open(options);
      const listen = listener.listen.bind(listener);
      listener.listen = async (address) => {
        await refuseTaken(String(address));
        await listen(address);
        const server = listener.stunServer;
        if (server === undefined) throw new Error('The listener of WebRTC is made otherwise than it was.');
        kept.add(server);
        server.close = async () => undefined;
      };
      return listener;
    };
    return transport;
  };
}

/** The library would say on standard output that the port is taken, which belongs to the commands. */
async function refuseTaken(address: string): Promise<void> {
  const [, family, host, port] = /^\/ip([46])\/([^/]+)\/udp\/(\d+)/.exec(address) ?? [];
  if (port === undefined || port === '0') return;
  const socket = createSocket(family === '4' ? 'udp4' : 'udp6');
  try {
    socket.bind({ address: host, port: Number(port), exclusive: true });
    await once(socket, 'listening');
  } finally {
    socket.close();
  }
}
