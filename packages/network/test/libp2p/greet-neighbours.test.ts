import { TypedEventEmitter } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import { tcp } from '@libp2p/tcp';
import { multiaddr } from '@multiformats/multiaddr';
import { expect, it } from 'vitest';
import { openWith } from '../../src/open.ts';
import { aNetwork, chainId, crypto, realTimer, seedOf, silentLog, until } from '../support/networks.ts';

it('dials a neighbour that the local network names, under its own key only', async () => {
  await using there = await aNetwork();
  await using other = await aNetwork();
  const heard = new TypedEventEmitter<{ peer: CustomEvent }>();
  await using here = await openWith(
    { transports: [tcp()], listen: [], missing: [], dialsBack: false, localDiscovery: () => heard as never },
    { clock: { nowMs: () => 0 }, timer: realTimer, crypto, log: silentLog, identity: seedOf(501) },
    { chainId },
  );
  const bare = (there.addresses()[0] ?? '').split('/p2p/')[0] ?? '';
  const tell = (peer: string) =>
    heard.dispatchEvent(
      new CustomEvent('peer', { detail: { id: peerIdFromString(peer), multiaddrs: [multiaddr(bare)] } }),
    );
  tell(other.peer);
  tell(there.peer);
  await until(() => here.peers().length > 0);
  expect(here.peers()).toEqual([there.peer]);
});
