import type { PeerName } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import type { DiscoveryTopic, Network, ProviderHint } from '../../src/index.ts';
import { aDirectory } from '../support/directory.ts';
import { aNetwork } from '../support/networks.ts';

const model: DiscoveryTopic = { kind: 'model', model: new Uint8Array(32).fill(9) };

async function all(hints: AsyncIterable<ProviderHint>): Promise<ProviderHint[]> {
  const found: ProviderHint[] = [];
  for await (const hint of hints) found.push(hint);
  return found;
}
const namesOf = (hints: readonly ProviderHint[]) => hints.map(({ peer }) => peer).sort();

/** A network of peers that all know the first one. */
async function aTown(count: number, peers: Map<PeerName, readonly string[]> = new Map()) {
  const seed = await aNetwork({}, { directory: aDirectory(peers) });
  const nodes: Network[] = [seed];
  for (let i = 1; i < count; i++) {
    const node = await aNetwork({ bootstrap: seed.addresses() }, { directory: aDirectory(peers) });
    await node.join();
    nodes.push(node);
  }
  return {
    nodes,
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
    },
  };
}

describe('discovery', () => {
  it('finds who provides a model or a subnet, across peers that have never met', async () => {
    await using town = await aTown(5);
    const [, provider, other, reader] = town.nodes as [Network, Network, Network, Network];
    expect(await provider.discovery.provide(model)).toBeGreaterThan(0);
    expect(await other.discovery.provide({ kind: 'subnet', netuid: 300 })).toBeGreaterThan(0);
    const found = await all(reader.discovery.find(model, { limit: 1 }));
    expect(namesOf(found)).toEqual([provider.peer]);
    expect(found[0]?.addresses.join()).toContain('127.0.0.1');
    expect(namesOf(await all(reader.discovery.find({ kind: 'subnet', netuid: 300 }, { limit: 1 })))).toEqual([
      other.peer,
    ]);
    provider.listen('/test/1', async () => undefined);
    expect((await reader.dial(provider.peer, '/test/1')).remote).toBe(provider.peer);
  });

  it('finds nobody when nobody provides, and ends', async () => {
    await using town = await aTown(2);
    expect(await all((town.nodes[1] as Network).discovery.find(model, { timeoutMs: 2000 }))).toEqual([]);
  });

  it('keeps networks with different chains apart', async () => {
    await using here = await aNetwork();
    await using there = await aNetwork({ chainId: new Uint8Array(32).fill(8), bootstrap: here.addresses() });
    await there.join();
    await there.discovery.provide(model, { timeoutMs: 2000 });
    expect(await all(here.discovery.find(model, { timeoutMs: 1000 }))).toEqual([]);
  });
});
