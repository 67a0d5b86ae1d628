import { randomBytes, randomInt } from 'node:crypto';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { bytesToHex } from '@cairn/core';
import { chainIdOf, type Genesis, genesisShape } from '@cairn/ledger';
import { createNativeCrypto, initLocalNodes, type NodeSetUp, systemRandom } from '@cairn/node';
import { type Links, openLinks } from './links.ts';
import type { Manifest } from './manifest.ts';

/** A node before it starts. */
export interface SetUpNode {
  readonly name: string;
  readonly data: string;
  readonly url: string;
  /** Address of its consensus key. */
  readonly validator: string;
}

export interface SetUpNetwork {
  readonly nodes: readonly SetUpNode[];
  readonly links: Links;
  readonly genesis: Genesis;
}

/** What is behind the name of a node with the same consensus key as another. */
export const TWIN = '-twin';

const TEMPO = 20;
const FUNDS = 100_000_000_000_000n;

/** Makes all folders of a manifest's network below `root`: validators where `./cairn localnet` looks, others beside. */
export async function setUpNetwork(
  manifest: Manifest,
  root: string,
  senders: readonly Uint8Array[],
): Promise<SetUpNetwork> {
  const { validators, later = [], steps, blockMs = 200, slotMs = 1_000 } = manifest;
  const twins = steps.flatMap((step) => (step.do === 'twin' ? [step.node + TWIN] : []));
  const names = [...Array.from({ length: validators }, (_, at) => `node-${at + 1}`), ...later, ...twins];
  const folders = names.map((name, at) => join(root, at < validators ? 'localnet' : 'later', name));
  const ports = await freePorts(2 * names.length);
  const portOf = (at: number): number => ports[names.length + at]!;
  const crypto = createNativeCrypto();
  const made = await initLocalNodes(
    { crypto, random: systemRandom, nowMs: Date.now() },
    { name: 'cairn-e2e', kind: 'local' },
    { slotMs, tempo: TEMPO },
    folders.map((data, at) => ({
      data,
      kept: {
        blockMs,
        port: ports[at]!,
        consensusListen: `127.0.0.1:${portOf(at)}`,
        indexDatabase: 'off',
        p2pListen: '',
      },
    })),
  );
  const links = await openLinks(new Map(names.map((name, at) => [name, portOf(at)])));
  const genesis = genesisFor(manifest, await readGenesis(folders[0]!), senders);
  const file = { chainId: bytesToHex(chainIdOf(crypto, genesis)), genesis: genesisShape.toJson(genesis) };
  for (const [at, data] of folders.entries()) {
    await writeFile(join(data, 'genesis.json'), JSON.stringify(file));
    await lead(data, names[at]!, made, names, links);
    await writeFile(join(data, 'keys/owner/hotkey.key'), `${randomBytes(32).toString('hex')}\n`, {
      mode: 0o600,
    });
  }
  for (const twin of twins) {
    const [from, to] = [twin.slice(0, -TWIN.length), twin].map(
      (name) => `${folders[names.indexOf(name)]}/keys/owner/consensus.key`,
    );
    await copyFile(from!, to!);
  }
  const nodes = names.map((name, at) => ({
    ...{ name, data: folders[at]!, url: `http://127.0.0.1:${ports[at]}` },
    validator: made[at]!.validator,
  }));
  return { nodes, links, genesis };
}

/** Peers reach each other through the links only. */
async function lead(
  data: string,
  own: string,
  made: readonly NodeSetUp[],
  names: readonly string[],
  links: Links,
): Promise<void> {
  const path = join(data, 'config.json');
  const kept = JSON.parse(await readFile(path, 'utf8')) as object;
  const peers = names.flatMap((name, at) =>
    name === own ? [] : [`${made[at]!.nodeId}@127.0.0.1:${links.portOf(own, name)}`],
  );
  await writeFile(path, JSON.stringify({ ...kept, peers: peers.join(',') }));
}

async function readGenesis(data: string): Promise<Genesis> {
  const { genesis } = JSON.parse(await readFile(join(data, 'genesis.json'), 'utf8')) as { genesis: unknown };
  return genesisShape.fromJson(genesis);
}

function genesisFor(manifest: Manifest, made: Genesis, senders: readonly Uint8Array[]): Genesis {
  const { validators, power, parameters = {} } = manifest;
  const given = Object.entries(parameters).map(([name, value]) => ({ name, value: BigInt(value) }));
  return {
    ...made,
    parameters: [...made.parameters.filter(({ name }) => !(name in parameters)), ...given],
    validators: made.validators
      .slice(0, validators)
      .map((validator) => (power === undefined ? validator : { ...validator, power: BigInt(power) })),
    funds: [...made.funds, ...senders.map((account) => ({ account, amount: FUNDS }))],
  };
}

/**
 * Ports that were free a moment ago, below those that the system gives to outgoing connections: a node that is killed
 * has to find its own free when it comes back.
 */
async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = 10_000 + randomInt(22_000);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
