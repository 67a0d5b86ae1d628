import { describe, expect, it } from 'vitest';
import { NetworkError } from '../../src/index.ts';
import { aDirectory, aRecordStore } from '../support/directory.ts';
import { aNetwork, quickTimer, seedOf, until } from '../support/networks.ts';

/** An address where nothing listens any more. */
async function aDeadAddress(): Promise<string> {
  await using network = await aNetwork();
  return network.addresses()[0] ?? '';
}

describe('a peer that all others left', () => {
  it('joins again by itself when one of them is back', async () => {
    const identity = seedOf(4711);
    const first = await aNetwork({}, { identity });
    const [address = ''] = first.addresses();
    await using second = await aNetwork({ bootstrap: [address] }, { timer: quickTimer });
    await second.join();
    await first[Symbol.asyncDispose]();
    await until(() => second.peers().length === 0);
    await using again = await aNetwork({ listen: [address.split('/p2p/')[0]!] }, { identity });
    await until(() => second.peers().includes(again.peer));
  });

  it('joins again by what the ledger names, where it was told of nobody', async () => {
    const identity = seedOf(4712);
    const known = new Map<string, string[]>();
    await using second = await aNetwork({}, { timer: quickTimer, directory: aDirectory(known) });
    expect(await second.join()).toEqual({ reached: [], failed: [] });
    await using first = await aNetwork({}, { identity });
    known.set(first.peer, [...first.addresses()]);
    await until(() => second.peers().includes(first.peer));
  });
});

describe('joining a network', () => {
  it('reaches configured peers, and the first peer of all is alone without complaint', async () => {
    await using first = await aNetwork();
    expect(await first.join()).toEqual({ reached: [], failed: [] });
    await using second = await aNetwork({ bootstrap: first.addresses() });
    expect(await second.join()).toEqual({ reached: [first.peer], failed: [] });
    expect(second.peers()).toEqual([first.peer]);
  });

  it('names every address that was tried, who named it and why it failed', async () => {
    const [dead, other] = [await aDeadAddress(), await aDeadAddress()];
    await using liar = await aNetwork();
    const wrongKey = (liar.addresses()[0] ?? '').replace(liar.peer, other.split('/p2p/')[1] ?? '');
    const directory = aDirectory(new Map([[other.split('/p2p/')[1] ?? '', [other]]]));
    await using network = await aNetwork({ bootstrap: [dead, 'nonsense', wrongKey] }, { directory });
    const failure = await network.join().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NetworkError);
    const { code, problem, message } = failure as NetworkError;
    expect(code).toBe('NO_PEER_REACHED');
    const attempts = problem.code === 'NO_PEER_REACHED' ? problem.attempts : [];
    expect(attempts.map(({ source, address }) => `${source} ${address}`).sort()).toEqual(
      [`configured ${dead}`, 'configured nonsense', `configured ${wrongKey}`, `ledger ${other}`].sort(),
    );
    for (const { address, reason } of attempts) {
      expect(message).toContain(`${address} (`);
      expect(reason, address).not.toBe('');
    }
    expect(attempts.find(({ address }) => address === dead)?.reason).toContain('refused');
    expect(attempts.find(({ address }) => address === 'nonsense')?.reason).toContain('multiaddr');
    expect(attempts.find(({ address }) => address === wrongKey)?.reason).toContain('another peer');
  });

  it('finds its way back by the addresses that worked last time', async () => {
    await using first = await aNetwork();
    const records = new Map<string, Uint8Array>();
    {
      await using second = await aNetwork({ bootstrap: first.addresses() }, { cache: aRecordStore(records) });
      await second.join();
    }
    await using again = await aNetwork({}, { cache: aRecordStore(records) });
    expect((await again.join()).reached).toEqual([first.peer]);
  });

  it('is not stopped by a cache that cannot be read', async () => {
    const records = new Map([['network/last-good', Uint8Array.of(1, 2, 3)]]);
    await using network = await aNetwork({}, { cache: aRecordStore(records) });
    expect((await network.join()).reached).toEqual([]);
  });

  it('finds peers by the ledger alone', async () => {
    await using first = await aNetwork();
    const [address = ''] = first.addresses();
    const bare = address.slice(0, address.indexOf('/p2p/'));
    await using second = await aNetwork({}, { directory: aDirectory(new Map([[first.peer, [bare]]])) });
    expect((await second.join()).reached).toEqual([first.peer]);
  });

  it('says which address it could not listen on', async () => {
    await using first = await aNetwork();
    const [address = ''] = first.addresses();
    const taken = address.slice(0, address.indexOf('/p2p/'));
    await expect(aNetwork({ listen: [taken] })).rejects.toThrow(taken);
  });
});

describe('dialling by name', () => {
  it('goes to the address on the ledger, and never to another key there', async () => {
    await using there = await aNetwork();
    await using other = await aNetwork();
    there.listen('/test/1', async () => undefined);
    other.listen('/test/1', async () => undefined);
    const peers = new Map([[there.peer, there.addresses()]]);
    await using here = await aNetwork({}, { directory: aDirectory(peers) });
    expect((await here.dial(there.peer, '/test/1')).remote).toBe(there.peer);
    const bare = (there.addresses()[0] ?? '').split('/p2p/')[0] ?? '';
    peers.set(other.peer, [bare]);
    await expect(here.dial(other.peer, '/test/1')).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
    peers.set(other.peer, there.addresses());
    await expect(here.dial(other.peer, '/test/1')).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
    peers.set(other.peer, other.addresses());
    expect((await here.dial(other.peer, '/test/1')).remote).toBe(other.peer);
  });

  it('does not dial private addresses that others name when the network is public', async () => {
    await using there = await aNetwork();
    there.listen('/test/1', async () => undefined);
    const directory = aDirectory(new Map([[there.peer, there.addresses()]]));
    await using here = await aNetwork({ scope: 'public' }, { directory });
    await expect(here.dial(there.peer, '/test/1')).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
    await using chosen = await aNetwork({ scope: 'public', bootstrap: there.addresses() });
    expect((await chosen.join()).reached).toEqual([there.peer]);
  });
});
