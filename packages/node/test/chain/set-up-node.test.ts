import { createPureCrypto } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import {
  createLogger,
  initLocalNodes,
  initNode,
  joinNode,
  readJsonFile,
  SETTINGS,
  type Settings,
  type SetUpParts,
  showNode,
  startChainNode,
  systemRandom,
} from '../../src/index.ts';
import { aFolder } from '../data/parts.ts';

const parts: SetUpParts = { crypto: createPureCrypto(), random: systemRandom, nowMs: 1_700_000_000_000 };
const network = { name: 'hill', kind: 'real', validators: [] } as const;

interface GenesisFile {
  readonly chainId: string;
  readonly genesis: {
    readonly kind: string;
    readonly validators: readonly { readonly publicKey: string; readonly power: string }[];
    readonly funds: readonly unknown[];
    readonly beacon: { readonly periodMs: string } | null;
  };
}
const genesisIn = async (path: string) => (await readJsonFile(path)) as GenesisFile;

describe('setting up a node', () => {
  it('begins a network of which it is a validator, beside the keys it was given', async () => {
    const [first, second] = [aFolder(), aFolder()];
    const other = await showNode(parts, second);
    const made = await initNode(
      parts,
      first,
      { ...network, validators: [other.consensusKey] },
      { port: 9_000 },
    );
    const { genesis } = await genesisIn(made.genesisPath);
    expect(genesis.kind).toBe('real');
    expect(genesis.funds).toEqual([]);
    expect(genesis.beacon).toBe(null);
    expect(genesis.validators.map(({ publicKey }) => publicKey)).toEqual([
      made.consensusKey,
      other.consensusKey,
    ]);
    expect(await readJsonFile(`${first}/config.json`)).toEqual({ engine: 'cometbft', port: 9_000 });
  });

  it('names the beacon of a network that is to have one', async () => {
    const made = await initNode(parts, aFolder(), { ...network, beacon: 'quicknet' }, {});
    expect((await genesisIn(made.genesisPath)).genesis.beacon).toMatchObject({ periodMs: '3000' });
  });

  it('enters a network by its genesis and keeps its own keys', async () => {
    const [first, second] = [aFolder(), aFolder()];
    const before = await showNode(parts, second);
    const { genesisPath, nodeId } = await initNode(parts, first, network, {});
    const peers = `${nodeId}@hill.example.org:26656`;
    const joined = await joinNode(parts, second, genesisPath, { peers });
    expect(joined).toMatchObject({ consensusKey: before.consensusKey, nodeId: before.nodeId });
    expect((await genesisIn(joined.genesisPath)).chainId).toBe((await genesisIn(genesisPath)).chainId);
    expect(await readJsonFile(`${second}/config.json`)).toEqual({ engine: 'cometbft', peers });
  });

  it('does not touch a folder that belongs to a network', async () => {
    const data = aFolder();
    const { genesisPath } = await initNode(parts, data, network, {});
    const { chainId } = await genesisIn(genesisPath);
    await expect(initNode(parts, data, network, {})).rejects.toMatchObject({ code: 'NODE_EXISTS' });
    await expect(joinNode(parts, data, genesisPath, {})).rejects.toMatchObject({ code: 'NODE_EXISTS' });
    expect((await genesisIn(genesisPath)).chainId).toBe(chainId);
  });

  it('says which file is missing', async () => {
    await expect(joinNode(parts, aFolder(), '/nowhere/genesis.json', {})).rejects.toMatchObject({
      problem: { code: 'GENESIS_MISSING', path: '/nowhere/genesis.json' },
    });
    const settings = Object.fromEntries(
      Object.entries(SETTINGS).map(([name, { initial }]) => [name, initial]),
    ) as Settings;
    const log = createLogger({ level: 'error', write: () => undefined });
    await expect(
      startChainNode({ settings: { ...settings, data: aFolder(), port: 0 }, log, environment: {} }),
    ).rejects.toMatchObject({ code: 'GENESIS_MISSING' });
  });

  it('makes the nodes of one machine with one genesis, each the peer of all others', async () => {
    const nodes = [1, 2, 3].map((at) => ({
      data: aFolder(),
      kept: { port: 8_000 + at, consensusListen: `127.0.0.1:${9_000 + at}` },
    }));
    const local = { name: 'hill', kind: 'local' } as const;
    const made = await initLocalNodes(parts, local, { slotMs: 1_000, tempo: 20 }, nodes);
    const files = await Promise.all(made.map(({ genesisPath }) => genesisIn(genesisPath)));
    expect(new Set(files.map(({ chainId }) => chainId)).size).toBe(1);
    expect(files[0]!.genesis.validators).toHaveLength(3);
    const config = (await readJsonFile(`${nodes[1]!.data}/config.json`)) as { peers: string };
    expect(config.peers).toBe(`${made[0]!.nodeId}@127.0.0.1:9001,${made[2]!.nodeId}@127.0.0.1:9003`);
  });
});
