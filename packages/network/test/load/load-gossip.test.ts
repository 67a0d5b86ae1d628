import type { Load, PeerName } from '@cairn/protocol';
import { expect, it } from 'vitest';
import { type Network, peerKeyOf } from '../../src/index.ts';
import { aDirectory } from '../support/directory.ts';
import { aNetwork, until } from '../support/networks.ts';

it('passes the load of a known device on, and drops that of a stranger at the first neighbour', async () => {
  const ledger = new Map<PeerName, readonly string[]>();
  const directory = aDirectory(ledger);
  const middle = await aNetwork({}, { directory });
  const aPeer = async (): Promise<Network> => {
    const peer = await aNetwork({ bootstrap: middle.addresses() }, { directory });
    await peer.join();
    return peer;
  };
  const [provider, stranger, reader] = [await aPeer(), await aPeer(), await aPeer()];
  ledger.set(provider.peer, []);
  const heard: (readonly [Load, PeerName])[] = [];
  reader.load.onLoad((load, peer) => heard.push([load, peer]));
  const load = {
    provider: new Uint8Array(32).fill(1),
    artifact: new Uint8Array(32).fill(2),
    queueLength: 3,
    inFlight: 4,
    tokensPerSecondMilli: 5000,
    slot: directory.at,
  };
  let told = 0;
  while (heard.length === 0) {
    // The mesh takes a moment to form; each slot may carry one message.
    load.slot = directory.at;
    await stranger.load.publish(load);
    told = Math.max(told, await provider.load.publish(load));
    const end = Date.now() + 200;
    await until(() => heard.length > 0 || Date.now() > end);
    directory.at += 1n;
  }
  expect(told).toBeGreaterThan(0);
  expect(heard[0]?.[0]).toMatchObject({ queueLength: 3, inFlight: 4, peerKey: peerKeyOf(provider.peer) });
  expect(heard.map(([, peer]) => peer)).not.toContain(stranger.peer);
  await Promise.all([provider, stranger, reader, middle].map((peer) => peer[Symbol.asyncDispose]()));
});
