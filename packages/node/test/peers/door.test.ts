import type { PeerDirectory } from '@cairn/network';
import type { Stream } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { createConfig } from '../../src/config/config.ts';
import { type DoorOptions, openDoor } from '../../src/peers/door.ts';
import { doorSettingsOf } from '../../src/peers/door-settings.ts';
import { systemTimer } from '../../src/real/timer.ts';
import { aLog, crypto } from '../rpc/parts.ts';

const NODE = '12D3KooWBWNEPqK7Bk8t697GWDdWL8FhRfG4ffqsVkLGfEPz7W3w';
const chainId = new Uint8Array(32).fill(3);

let doors = 0;

/** A node on a free port of loopback, with these settings. */
function aDoor(flags: Record<string, string> = {}, options: Partial<DoorOptions> = {}) {
  const { settings } = createConfig({ flags: { p2pListen: '127.0.0.1:0', ...flags } });
  const identity = crypto.sha256(Uint8Array.of(++doors));
  const parts = { clock: { nowMs: () => 0 }, timer: systemTimer, crypto, log: aLog() };
  return openDoor(parts, { identity, chainId, peers: [], settings: doorSettingsOf(settings), ...options });
}

const refusal = (flags: Record<string, string>) => () => doorSettingsOf(createConfig({ flags }).settings);

async function echo(stream: Stream): Promise<void> {
  await stream.write((await stream.read()) ?? new Uint8Array(0));
}

const tcpOf = ({ addresses }: { readonly addresses: readonly string[] }) =>
  addresses.find((address) => /^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/\w+$/.test(address))!;

describe('a node that is told how others reach it', () => {
  it('tells them networkAnnounce instead of where it listens', async () => {
    const announced = '/ip4/203.0.113.7/tcp/9000';
    await using door = await aDoor({ networkAnnounce: `${announced}, /dns4/node.example.org/tcp/9000` });
    const { peer } = door.transport;
    expect(door.device.addresses).toEqual([
      `${announced}/p2p/${peer}`,
      `/dns4/node.example.org/tcp/9000/p2p/${peer}`,
    ]);
    expect(door.reach()).toMatchObject({
      announced: [announced, '/dns4/node.example.org/tcp/9000'],
      relay: null,
    });
  });

  it('that nobody can dial is reached through a node with networkRelay, by the address it tells', async () => {
    await using relay = await aDoor({ networkRelay: 'on' });
    const at = tcpOf(relay);
    await using hidden = await aDoor({ p2pListen: '', networkVia: at }, { peers: [at] });
    hidden.transport.listen('/test/1', echo);
    const address = `${at}/p2p-circuit/p2p/${hidden.transport.peer}`;
    const told = hidden.device.addresses;
    expect(told).toContain(address);
    expect(told.filter((each) => !each.includes(`/p2p/${relay.transport.peer}/p2p-circuit/`))).toEqual([]);
    expect(hidden.reach().relays).toEqual([relay.transport.peer]);
    expect(relay.reach().relay).toEqual({ places: 32, held: 1, bytes: 64 * 2 ** 20, durationMs: 1_800_000 });
    // The guest knows the hidden node from the ledger alone.
    const directory = aDirectory(hidden.transport.peer, address);
    await using guest = await aDoor({ p2pListen: '' }, { directory });
    const stream = await guest.transport.dial(hidden.transport.peer, '/test/1');
    await stream.write(Uint8Array.of(1, 2, 3));
    expect(await stream.read()).toEqual(Uint8Array.of(1, 2, 3));
    expect(stream.remote).toBe(hidden.transport.peer);
  });

  it('has no place at a node that does not relay, and says which it asked', async () => {
    await using other = await aDoor();
    const at = tcpOf(other);
    const opened = aDoor({ p2pListen: '', networkVia: at }, { peers: [at] });
    await expect(opened).rejects.toMatchObject({ code: 'LISTEN_FAILED', problem: { addresses: [at] } });
  });

  it('dials a private address that others name in private scope, and not in a public one', async () => {
    await using there = await aDoor();
    there.transport.listen('/test/1', echo);
    const { peer } = there.transport;
    const directory = aDirectory(peer, tcpOf(there));
    await using trusting = await aDoor({ p2pListen: '' }, { directory });
    expect((await trusting.transport.dial(peer, '/test/1')).remote).toBe(peer);
    const strict = aDoor({ p2pListen: '', networkScope: 'public' }, { directory, mayBeAlone: true });
    await using among = await strict;
    expect(among.reach().scope).toBe('public');
    await expect(among.transport.dial(peer, '/test/1')).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
  });
});

describe('settings of how a node is reached', () => {
  it.each([
    [{ networkAnnounce: 'node.example.org:8471' }, 'is not the address of a machine'],
    [{ networkAnnounce: '/ip4/203.0.113.7' }, 'has no port'],
    [{ networkAnnounce: '/ip4/203.0.113.7/tcp/0' }, 'has no port'],
    [{ networkAnnounce: '/ip4/0.0.0.0/tcp/8471' }, 'names no machine'],
    [{ networkAnnounce: `/ip4/203.0.113.7/tcp/8471/p2p/${NODE}` }, 'the name of this node is added'],
    [{ networkAnnounce: `/dns4/${'a'.repeat(140)}.org/tcp/1` }, 'is longer than 140 bytes'],
    [{ networkAnnounce: Array.from({ length: 9 }, (_, i) => `/ip4/1.2.3.${i}/tcp/1`).join() }, 'more than 8'],
    [{ networkAnnounce: '/ip4/10.1.2.3/tcp/8471', networkScope: 'public' }, 'is private'],
    [{ networkVia: '/ip4/203.0.113.7/tcp/8471' }, 'does not end with the name of its node'],
    [{ networkVia: `/ip4/1.2.3.4/tcp/1/p2p/${NODE}/p2p-circuit/p2p/${NODE}` }, 'leads through a relay'],
    [
      { networkVia: `/ip4/1.2.3.4/tcp/1/p2p/${NODE}`, networkAnnounce: '/ip4/203.0.113.7/tcp/1' },
      'Set one of them',
    ],
    [{ networkRelay: 'on', p2pListen: '' }, 'needs a p2pListen'],
    [{ p2pListen: 'everywhere' }, 'is not an address and a port'],
  ])('are refused with what to do: %j', (flags, reason) => {
    expect(refusal(flags)).toThrow(reason);
    expect(refusal(flags)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  it.each([
    ['networkRelay', 'yes'],
    ['networkScope', 'internet'],
  ])('take one of their words: %s is not %s', (key, value) => {
    expect(refusal({ [key]: value })).toThrow(/it takes one of/);
  });
});

function aDirectory(peer: string, address: string): PeerDirectory {
  return {
    addressesOf: async (asked) => (asked === peer ? [address] : null),
    isDeviceOf: async () => false,
    slot: () => 0n,
    somePeers: async () => [],
  };
}
