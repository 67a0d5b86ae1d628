import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { bytesToHex } from '@cairn/core';
import type { CometChain, CometChainOptions, CometChainParts, ReadRpc } from '../../src/index.ts';
import { nodeIdOf } from '../../src/index.ts';
import { aFolder, crypto } from '../parts.ts';
import { aCometChain, genesisOf, seedOf } from './cometbft.ts';
import { freePorts } from './free-ports.ts';

const NAMES = ['north', 'south'];
export const genesis = genesisOf(NAMES);

/** What a node mounts on its own port, alone on a port. */
async function serveReadRpc(rpc: () => ReadRpc): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(await rpc().answer(Buffer.concat(parts).toString('utf8'))));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Two validators that make snapshots, and what somebody needs to join them. */
export interface StateSyncTown extends AsyncDisposable {
  readonly nodes: readonly CometChain[];
  /** Folder of the snapshots of each. */
  readonly snapshots: readonly string[];
  /** Stops a node, lets something be done to its files, and starts it again. */
  restart(index: number, meanwhile: () => void): Promise<void>;
  /** Options of a node that joins, on the word of the first about its block of now. */
  joining(options?: Partial<CometChainOptions>): Promise<Partial<CometChainOptions>>;
}

export async function aStateSyncTown(
  options: Partial<CometChainOptions> = {},
  partsOf: (at: number) => Partial<CometChainParts> = () => ({}),
): Promise<StateSyncTown> {
  await using stack = new AsyncDisposableStack();
  const ports = await freePorts(NAMES.length);
  const peers = NAMES.map((name, at) => `${nodeIdOf(crypto, seedOf(`${name}/node`))}@127.0.0.1:${ports[at]}`);
  const folders = NAMES.map(() => aFolder());
  const open = (at: number): Promise<CometChain> =>
    aCometChain(
      NAMES[at]!,
      {
        genesis,
        folder: folders[at]!,
        listen: `tcp://127.0.0.1:${ports[at]}`,
        peers: peers.filter((_, other) => other !== at),
        blockIntervalMs: 200,
        ...options,
      },
      partsOf(at),
    );
  const nodes = await Promise.all(NAMES.map((_, at) => open(at)));
  for (const at of NAMES.keys()) stack.defer(() => nodes[at]!.close());
  await Promise.all(nodes.map(({ engine }) => engine.start()));
  const servers = await Promise.all(NAMES.map((_, at) => serveReadRpc(() => nodes[at]!.readRpc)));
  for (const server of servers) stack.use(server);
  const running = stack.move();
  return {
    nodes,
    snapshots: folders.map((folder) => join(folder, 'chain', 'snapshots')),
    async restart(at, meanwhile) {
      await nodes[at]!.close();
      meanwhile();
      nodes[at] = await open(at);
      await nodes[at].engine.start();
    },
    async joining(more = {}) {
      const { height, blockHash } = nodes[0]!.application.info();
      return {
        folder: aFolder(),
        genesis,
        peers,
        blockIntervalMs: 200,
        stateSync: {
          servers: servers.map(({ url }) => url),
          trustHeight: height,
          trustHash: bytesToHex(blockHash),
        },
        ...more,
      };
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
