import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** The ways between the nodes of a network, each through a proxy that can be cut. */
export interface Links extends AsyncDisposable {
  /** Where `from` reaches `to`. */
  portOf(from: string, to: string): number;
  /** Cuts these nodes from all others: connections break, new ones are refused. */
  cut(nodes: readonly string[]): void;
  heal(): void;
}

interface Link {
  readonly from: string;
  readonly to: string;
  readonly server: Server;
  readonly open: Set<Socket>;
}

/** @param ports where each node listens, by its name. */
export async function openLinks(ports: ReadonlyMap<string, number>): Promise<Links> {
  let isCut: (link: Pick<Link, 'from' | 'to'>) => boolean = () => false;
  const links: Link[] = [];
  for (const from of ports.keys()) {
    for (const [to, port] of ports) {
      if (from === to) continue;
      const open = new Set<Socket>();
      const server = createServer((near) => {
        if (isCut({ from, to })) {
          near.destroy();
          return;
        }
        const far = connect({ host: '127.0.0.1', port });
        for (const [one, other] of [
          [near, far],
          [far, near],
        ] as const) {
          open.add(one);
          one.pipe(other);
          // Either end may be killed at any time: the other end learns of it as of a closed connection.
          one.on('error', () => other.destroy());
          one.on('close', () => {
            open.delete(one);
            other.destroy();
          });
        }
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      links.push({ from, to, server, open });
    }
  }
  return {
    portOf(from, to) {
      const { server } = links.find((link) => link.from === from && link.to === to)!;
      return (server.address() as { port: number }).port;
    },
    cut(nodes) {
      isCut = ({ from, to }) => nodes.includes(from) !== nodes.includes(to);
      for (const link of links) if (isCut(link)) for (const socket of link.open) socket.destroy();
    },
    heal() {
      isCut = () => false;
    },
    async [Symbol.asyncDispose]() {
      for (const { server, open } of links) {
        server.close();
        for (const socket of open) socket.destroy();
      }
    },
  };
}
