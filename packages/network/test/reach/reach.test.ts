import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Network } from '../../src/index.ts';
import { networkTag } from '../../src/libp2p/host.ts';
import { askDialBack, dialBackProtocol } from '../../src/reach/dial-back.ts';
import { createVotes, judge } from '../../src/reach/votes.ts';
import { aNetwork, chainId, until } from '../support/networks.ts';

const PROTOCOL = dialBackProtocol(networkTag(chainId));

const question = async (from: Network, to: Network, address: string) =>
  askDialBack(await from.dial(to.peer, PROTOCOL), address);

/** A port at which nobody listens. */
async function aClosedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const bare = (address = '') => address.replace(/\/p2p\/.*/, '');

describe('a peer', () => {
  it('knows nothing of its reach while nobody could be asked', async () => {
    await using alone = await aNetwork();
    expect(alone.reach()).toMatchObject({ state: 'unknown', reached: [], failed: [] });
  });

  it('learns that others can dial it, by each transport', async () => {
    await using seed = await aNetwork();
    await using joiner = await aNetwork({
      listen: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/udp/0/quic-v1'],
      bootstrap: seed.addresses(),
    });
    await joiner.join();
    await until(() => joiner.reach().reached.length === 2 && seed.reach().state === 'reachable');
    expect(joiner.reach()).toMatchObject({
      state: 'reachable',
      reached: joiner.addresses().map(bare),
      seen: ['127.0.0.1'],
      relays: [],
    });
  });

  it('that nobody can dial says so, takes a place at a relay by itself, and is reached there', async () => {
    await using relay = await aNetwork({ relayServer: true });
    const closed = `/ip4/127.0.0.1/tcp/${await aClosedPort()}`;
    await using hidden = await aNetwork({
      listen: [],
      announce: [closed],
      autoRelay: true,
      bootstrap: relay.addresses(),
    });
    hidden.listen('/test/1', async (stream) => {
      await stream.write((await stream.read()) ?? new Uint8Array(0));
    });
    await hidden.join();
    await until(() => hidden.reach().relays.length > 0);
    expect(hidden.reach()).toMatchObject({ state: 'hidden', failed: [closed], relays: [relay.peer] });
    await using guest = await aNetwork({
      listen: [],
      bootstrap: [`${relay.addresses()[0]}/p2p-circuit/p2p/${hidden.peer}`],
    });
    await guest.join();
    const stream = await guest.dial(hidden.peer, '/test/1');
    await stream.write(Uint8Array.of(7));
    expect(await stream.read()).toEqual(Uint8Array.of(7));
  });

  it('that does not want to be reached takes no place at a relay', async () => {
    await using relay = await aNetwork({ relayServer: true });
    await using hidden = await aNetwork({
      listen: [],
      announce: [`/ip4/127.0.0.1/tcp/${await aClosedPort()}`],
      bootstrap: relay.addresses(),
    });
    await hidden.join();
    await until(() => hidden.reach().state === 'hidden');
    expect(hidden.reach().relays).toEqual([]);
  });
});

describe('who asks to be dialled back', () => {
  it('is dialled only where it comes from, and only a few times a minute', async () => {
    await using asked = await aNetwork();
    await using asker = await aNetwork({ bootstrap: asked.addresses() });
    await asker.join();
    await until(() => asker.reach().state === 'reachable');
    for (const address of [
      '/ip4/127.0.0.2/tcp/80',
      '/dns4/localhost/tcp/80',
      '/ip4/10.0.0.1/tcp/22',
      'x',
      '/ip4/',
    ]) {
      expect(await question(asker, asked, address), address).toMatchObject({ outcome: 'refused' });
    }
    const outcomes: string[] = [];
    for (let time = 0; time < 20; time++) {
      outcomes.push((await question(asker, asked, bare(asker.addresses()[0]))).outcome);
    }
    expect(outcomes[0]).toBe('reached');
    expect(outcomes.at(-1)).toBe('refused');
    expect(outcomes.filter((outcome) => outcome === 'reached').length).toBeLessThanOrEqual(16);
  });

  it('is told that another peer answers there', async () => {
    await using asked = await aNetwork();
    await using other = await aNetwork();
    await using asker = await aNetwork({ listen: [], bootstrap: asked.addresses() });
    await asker.join();
    expect(await question(asker, asked, bare(other.addresses()[0]))).toMatchObject({
      outcome: 'failed',
      reason: 'another peer answered at that address',
    });
  });

  it('is cut when it asks in no words', async () => {
    await using asked = await aNetwork();
    await using asker = await aNetwork({ listen: [], bootstrap: asked.addresses() });
    await asker.join();
    const stream = await asker.dial(asked.peer, PROTOCOL);
    await stream.write(new Uint8Array(1000).fill(255));
    await expect(stream.read()).rejects.toMatchObject({ code: 'STREAM_ABORTED' });
    expect((await question(asker, asked, '')).seen).toBe('127.0.0.1');
  });
});

describe('what peers say of an address', () => {
  const votesOf = (...cast: readonly ('reached' | 'failed')[]) => {
    const votes = createVotes<'reached' | 'failed'>();
    for (const [index, vote] of cast.entries()) votes.cast('a', `peer ${index}`, vote);
    return votes;
  };

  it('counts when three agree, and more say it than not', () => {
    expect(judge(votesOf('reached', 'reached'), 'a', 8)).toBe('open');
    expect(judge(votesOf('reached', 'reached', 'reached'), 'a', 8)).toBe('reached');
    expect(judge(votesOf('failed', 'failed', 'failed', 'reached'), 'a', 8)).toBe('failed');
    expect(judge(votesOf('failed', 'failed', 'failed', 'reached', 'reached', 'reached'), 'a', 8)).toBe(
      'open',
    );
  });

  it('counts when all agree, where there are fewer', () => {
    expect(judge(votesOf('reached'), 'a', 1)).toBe('reached');
    expect(judge(votesOf('reached'), 'a', 2)).toBe('open');
    expect(judge(votesOf(), 'a', 0)).toBe('open');
  });

  it('is one word of each, the newest, of so many at most', () => {
    const votes = votesOf('reached');
    for (let time = 0; time < 100; time++) votes.cast('a', 'peer 0', 'failed');
    expect([votes.count('a', 'reached'), votes.count('a', 'failed')]).toEqual([0, 1]);
    for (let voter = 0; voter < 100; voter++) votes.cast('a', `voter ${voter}`, 'reached');
    expect(votes.count('a', 'reached')).toBe(16);
    for (let thing = 0; thing < 100; thing++) votes.cast(`thing ${thing}`, 'peer', 'failed');
    expect(votes.keys().length).toBe(32);
  });
});
