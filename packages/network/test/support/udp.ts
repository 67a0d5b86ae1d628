import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** A socket on loopback, with a port of its own. */
export async function aUdpSocket(): Promise<Socket & AsyncDisposable> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket as Socket & AsyncDisposable;
}

/** Sends datagrams one after the other, each when the one before has left. */
export async function sendAll(socket: Socket, port: number, datagrams: Iterable<Uint8Array>): Promise<void> {
  for (const datagram of datagrams) {
    await new Promise<void>((resolve, reject) =>
      socket.send(datagram, port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error))),
    );
  }
}

/** A door to a UDP port that lets through what `passes` says, in both directions. */
export async function aUdpDoor(port: number, passes: (from: 'client' | 'server', index: number) => boolean) {
  const outside = await aUdpSocket();
  const inside = await aUdpSocket();
  const counts = { client: 0, server: 0 };
  let client = 0;
  outside.on('message', (datagram, { port: from }) => {
    client = from;
    if (passes('client', counts.client++)) inside.send(datagram, port, '127.0.0.1');
  });
  inside.on('message', (datagram) => {
    if (passes('server', counts.server++)) outside.send(datagram, client, '127.0.0.1');
  });
  return {
    port: outside.address().port,
    /** Datagrams that came in from each side. */
    counts,
    async [Symbol.asyncDispose]() {
      await Promise.all([outside[Symbol.asyncDispose](), inside[Symbol.asyncDispose]()]);
    },
  };
}
