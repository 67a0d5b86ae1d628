import { type AddressInfo, createConnection, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { aNetwork, until } from '../support/networks.ts';

/** A door to a port that is told later; counts what came in by it. */
async function aDoor() {
  const seen = { bytes: 0, port: 0 };
  const server = createServer((near) => {
    const far = createConnection(seen.port, '127.0.0.1');
    near.on('data', (piece) => {
      seen.bytes += piece.length;
    });
    near.pipe(far).pipe(near);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    seen,
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}

/** Announced addresses hide the port of a peer, so it is chosen before. */
async function aFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  return port;
}

// libp2p upgrades to public addresses only, for which it takes names: an address of loopback would be left out.
it('goes on without the relay once a peer that was asked through it has found the asker directly', async () => {
  await using door = await aDoor();
  door.seen.port = await aFreePort();
  const relay = await aNetwork({ relayServer: true });
  await using hidden = await aNetwork({ listen: [], relays: relay.addresses() });
  await until(() => hidden.addresses().some((address) => address.includes('/p2p-circuit')));
  hidden.listen('/test/1', async (stream) => {
    await stream.write((await stream.read()) ?? new Uint8Array(0));
  });
  const address = hidden.addresses().find((each) => each.includes('/p2p-circuit')) ?? '';
  await using asker = await aNetwork({
    listen: [`/ip4/127.0.0.1/tcp/${door.seen.port}`],
    announce: [`/dns4/localhost/tcp/${door.port}`],
    bootstrap: [address],
  });
  await asker.join();
  // The handshakes of a connection take more than this.
  await until(() => door.seen.bytes > 1_000);
  await relay[Symbol.asyncDispose]();
  await until(() => !hidden.peers().includes(relay.peer));
  const stream = await asker.dial(hidden.peer, '/test/1');
  await stream.write(Uint8Array.of(1, 2, 3));
  expect(await stream.read()).toEqual(Uint8Array.of(1, 2, 3));
  expect(stream.remote).toBe(hidden.peer);
});
