import { readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { initLocalNodes } from '@cairn/node';
import { setUpParts } from '../node/node.ts';

export interface LocalnetOptions {
  readonly validators: number;
  /** 0 takes free ones. */
  readonly port: number;
  /** 0 takes free ones. */
  readonly consensusPort: number;
  readonly blockMs: number;
  readonly slotMs: number;
}

/** Name and folder of a node. */
export interface LocalnetNode {
  readonly name: string;
  readonly data: string;
}

/** Slots between pay days of a subnet, as on `up`. */
const TEMPO = 20;

/** The nodes of the folder; made, with their genesis, when there are none. */
export async function openLocalnet(folder: string, options: LocalnetOptions): Promise<LocalnetNode[]> {
  const found = await nodesIn(folder);
  if (found.length > 0) return found;
  const { validators, blockMs, slotMs } = options;
  const ports = await choosePorts(options.port, validators);
  const consensusPorts = await choosePorts(options.consensusPort, validators);
  const nodes = Array.from({ length: validators }, (_, at) => {
    const name = `node-${at + 1}`;
    return { name, data: join(folder, name) };
  });
  await initLocalNodes(
    await setUpParts(),
    { name: 'cairn-localnet', kind: 'local' },
    { slotMs, tempo: TEMPO },
    nodes.map(({ data }, at) => ({
      data,
      kept: {
        blockMs,
        port: ports[at]!,
        consensusListen: `127.0.0.1:${consensusPorts[at]!}`,
        // One history for people is enough on one machine, and one node that others join by.
        ...(at === 0 ? {} : { indexDatabase: 'off', p2pListen: '' }),
        ...(at === 0 && options.port === 0 ? { p2pListen: '127.0.0.1:0' } : {}),
      },
    })),
  );
  return nodes;
}

async function nodesIn(folder: string): Promise<LocalnetNode[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .filter((name) => /^node-\d+$/.test(name))
    .sort((a, b) => Number(a.slice(5)) - Number(b.slice(5)))
    .map((name) => ({ name, data: join(folder, name) }));
}

/** Ports in a row from `first`, or ones that are free now. */
async function choosePorts(first: number, count: number): Promise<number[]> {
  if (first !== 0) return Array.from({ length: count }, (_, at) => first + at);
  const servers = Array.from({ length: count }, () => createServer());
  // All open at once, so that none is given twice.
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
