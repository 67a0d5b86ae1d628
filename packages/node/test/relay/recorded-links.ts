import type { AddressInfo } from 'node:net';
import { createConnection, createServer } from 'node:net';
import { createPureCrypto } from '@cairn/core';
import { type Network, openNetwork } from '@cairn/network';
import type { Timer, Transport } from '@cairn/protocol';

/** A TCP proxy that keeps every byte of both directions. */
async function aRecorder(toPort: number) {
  const pieces: Buffer[] = [];
  const server = createServer((near) => {
    const far = createConnection(toPort, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (piece: Buffer) => {
        pieces.push(piece);
        to.write(piece);
      });
      from.on('end', () => to.end());
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    pieces,
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}

const timer: Timer = {
  schedule(delayMs, action) {
    const handle = setTimeout(() => void action(), delayMs);
    handle.unref();
    return () => clearTimeout(handle);
  },
};
const silent = () => undefined;
const log = { error: silent, warn: silent, info: silent, debug: silent, child: () => log };

/**
 * libp2p peers on loopback, in a row: each knows the next one by the address of a recording proxy before it alone, and
 * calls it by its name in the test.
 */
export async function recordedLinks(names: readonly string[]) {
  const crypto = createPureCrypto();
  const networks = new Map<string, Network>();
  const addresses = new Map<string, string>();
  const recorders: Awaited<ReturnType<typeof aRecorder>>[] = [];
  for (const name of names.toReversed()) {
    const network = await openNetwork(
      {
        ...{ clock: { nowMs: () => 0 }, timer, crypto, log },
        identity: crypto.sha256(new TextEncoder().encode(`link ${name}`)),
        directory: {
          addressesOf: async (peer) => (addresses.has(peer) ? [addresses.get(peer)!] : null),
          isDeviceOf: async () => false,
          slot: () => 0n,
          somePeers: async () => [],
        },
      },
      { chainId: new Uint8Array(32).fill(9), listen: ['/ip4/127.0.0.1/tcp/0'] },
    );
    const port = Number(/\/tcp\/(\d+)/.exec(network.addresses()[0]!)![1]);
    const recorder = await aRecorder(port);
    recorders.push(recorder);
    addresses.set(network.peer, `/ip4/127.0.0.1/tcp/${recorder.port}/p2p/${network.peer}`);
    networks.set(name, network);
  }

  return {
    /** What went over each link. */
    links: () => recorders.map(({ pieces }) => Buffer.concat(pieces)),
    transportOf(name: string): Transport {
      const network = networks.get(name)!;
      return {
        peer: name,
        dial: (peer, ...rest) => network.dial(networks.get(peer)?.peer ?? peer, ...rest),
        listen: network.listen,
        [Symbol.asyncDispose]: async () => undefined,
      };
    },
    async [Symbol.asyncDispose]() {
      for (const network of networks.values()) await network[Symbol.asyncDispose]();
      for (const recorder of recorders) await recorder[Symbol.asyncDispose]();
    },
  };
}
