import { createServer } from 'node:net';
import type { LedgerStatus } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import {
  type ChainNode,
  createLogger,
  createNativeCrypto,
  initNode,
  joinNode,
  provideCometbft,
  SETTINGS,
  type Settings,
  startChainNode,
  systemRandom,
} from '../../src/index.ts';
import { aFolder } from '../data/parts.ts';

// Without Go in its environment nothing is built.
const { HOME, XDG_CACHE_HOME, CAIRN_CACHE, CAIRN_COMETBFT = '' } = process.env;
const environment = { HOME, XDG_CACHE_HOME, CAIRN_CACHE };
const cometbft = await provideCometbft({ path: CAIRN_COMETBFT, environment }).catch(() => null);

const defaults = Object.fromEntries(
  Object.entries(SETTINGS).map(([name, { initial }]) => [name, initial]),
) as Settings;
const log = createLogger({ level: 'error', write: () => undefined });

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

function start(settings: Partial<Settings> & { data: string }): Promise<ChainNode> {
  const common = {
    cometbft: cometbft!,
    engine: 'cometbft',
    port: 0,
    blockMs: 200,
    indexDatabase: 'off',
    p2pListen: '',
  };
  return startChainNode({ settings: { ...defaults, ...common, ...settings }, log, environment });
}

async function ask<T>(node: ChainNode, method: string, params: unknown = {}): Promise<{ result: T }> {
  const response = await fetch(`${node.url}/rpc`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  return (await response.json()) as { result: T };
}

async function reached(node: ChainNode, height: number): Promise<LedgerStatus> {
  const abort = new AbortController();
  for await (const at of node.heights(abort.signal)) if (at >= height) break;
  return node.status();
}

describe.skipIf(cometbft === null)('a node that joins by the port of another', () => {
  it('begins from its snapshot, and says what it does not have', async () => {
    const parts = { crypto: createNativeCrypto(), random: systemRandom, nowMs: Date.now() };
    const [first, second] = [aFolder(), aFolder()];
    const { genesisPath, nodeId } = await initNode(
      parts,
      first,
      { name: 'hill', kind: 'local', validators: [] },
      {},
    );
    const consensusListen = `127.0.0.1:${await freePort()}`;
    await using one = await start({ data: first, consensusListen, snapshotBlocks: 3, snapshotsKept: 10 });
    const trusted = await reached(one, 6);
    await joinNode(parts, second, genesisPath, {});
    await using two = await start({
      data: second,
      consensusListen: '127.0.0.1:0',
      peers: `${nodeId}@${consensusListen}`,
      stateSyncServers: one.url,
      trustHeight: trusted.height,
      trustHash: trusted.blockHash,
    });
    const { height } = await reached(two, trusted.height + 20);
    expect(await ask(two, 'chain_block', { at: height })).toEqual(
      await ask(one, 'chain_block', { at: height }),
    );
    const { oldestBlock } = (await ask<LedgerStatus>(two, 'chain_status')).result;
    expect(oldestBlock).toBeGreaterThan(1);
    expect((await ask<LedgerStatus>(one, 'chain_status')).result.oldestBlock).toBe(1);
    expect(await ask(two, 'chain_block', { at: oldestBlock })).toEqual(
      await ask(one, 'chain_block', { at: oldestBlock }),
    );
    for (const method of ['chain_block', 'chain_lightBlock']) {
      const params = method === 'chain_block' ? { at: 1 } : { height: 1 };
      expect(await ask(two, method, params), method).toMatchObject({
        error: { data: { code: 'BLOCK_NOT_KEPT' } },
      });
    }
    expect(await ask(two, 'chain_block', { at: oldestBlock - 1 })).toMatchObject({
      error: { message: expect.stringContaining(`has blocks from ${oldestBlock} on`) },
    });
  }, 120_000);
});
