import { createEd25519Signer } from '@cairn/core';
import type { PeerName } from '@cairn/protocol';
import { expect, it } from 'vitest';
import { type DiscoveryTopic, peerNameOf } from '../../src/index.ts';
import { aDirectory } from '../support/directory.ts';
import { aLyingPeer, type LyingPeer } from '../support/lying-peer.ts';
import { aNetwork, seedOf } from '../support/networks.ts';

const PROTOCOL = '/test/1';
const model: DiscoveryTopic = { kind: 'model', model: new Uint8Array(32).fill(9) };

it('with nine of ten peers of the table lying, only keys that the ledger knows are ever talked to', async () => {
  const ledger = new Map<PeerName, readonly string[]>();
  const directory = aDirectory(ledger);
  const provider = await aNetwork({}, { directory });
  const ghost = peerNameOf(createEd25519Signer(seedOf(999_999)).publicKey);
  const liars: LyingPeer[] = [];
  const named = () => liars.map(({ peer, address }) => ({ peer, addresses: [address] }));
  const lies = () => ({
    // Themselves, one that does not exist, and the true provider at the address of a liar.
    providers: [
      ...named(),
      { peer: ghost, addresses: [liars[0]?.address ?? ''] },
      { peer: provider.peer, addresses: liars.map(({ address }) => address.split('/p2p/')[0] ?? '') },
    ],
    closer: named(),
  });
  for (let i = 0; i < 18; i++) liars.push(await aLyingPeer(PROTOCOL, lies));
  const reader = await aNetwork(
    { bootstrap: [...liars.map(({ address }) => address), ...provider.addresses()] },
    { directory },
  );
  await reader.join();
  const served: string[] = [];
  provider.listen(PROTOCOL, async (stream) => {
    await stream.read();
    served.push(stream.remote);
    await stream.write(Uint8Array.of(7));
  });

  const hints: PeerName[] = [];
  for await (const { peer } of reader.discovery.find(model, { timeoutMs: 5000 })) hints.push(peer);
  expect(hints.filter((peer) => peer !== provider.peer).length).toBeGreaterThan(10);

  // Nobody is on the ledger yet, so nobody is talked to.
  for await (const { peer } of reader.discovery.findKnown(model, { timeoutMs: 5000 })) {
    expect(peer, 'a hint without a record').toBeNull();
  }
  ledger.set(provider.peer, provider.addresses());
  const known: unknown[] = [];
  for await (const hint of reader.discovery.findKnown(model, { limit: 1, timeoutMs: 5000 })) known.push(hint);
  expect(known).toEqual([{ peer: provider.peer, addresses: provider.addresses() }]);
  const stream = await reader.dial(provider.peer, PROTOCOL);
  await stream.write(Uint8Array.of(1));
  expect(await stream.read()).toEqual(Uint8Array.of(7));
  expect(served).toEqual([reader.peer]);

  // A record without an address leaves only the lies: the name is reached under its own key or not at all.
  ledger.set(ghost, []);
  await expect(reader.dial(ghost, PROTOCOL)).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
  expect(liars.reduce((sum, liar) => sum + liar.answers(), 0)).toBeGreaterThan(0);
  expect(liars.map((liar) => liar.streams())).toEqual(liars.map(() => 0));
  await Promise.all([provider, reader, ...liars].map((peer) => peer[Symbol.asyncDispose]()));
});
