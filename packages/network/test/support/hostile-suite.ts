import { MAX_FRAME_BYTES, type Stream } from '@cairn/protocol';
import { multiaddr } from '@multiformats/multiaddr';
import { describe, expect, it } from 'vitest';
import type { Network, NetworkLimits, TransportName } from '../../src/index.ts';
import { encodeCredit, encodeData } from '../../src/libp2p/frames.ts';
import { aHostilePeerBy, isOpen, lastWordsOn } from './hostile.ts';
import { aNetworkBy, quickTimer, until } from './networks.ts';

const PROTOCOL = '/test/1';
const KIB = 1024;

/** A peer that serves `PROTOCOL`, and what its handler saw. */
async function aVictimBy(transport: TransportName, limits: Partial<NetworkLimits> = {}) {
  const network = await aNetworkBy(
    transport,
    { limits: { dialTimeoutMs: 200_000, ...limits } },
    { timer: quickTimer },
  );
  const arrived: Stream[] = [];
  let wake: () => void = () => undefined;
  const change = () => new Promise<void>((resolve) => (wake = resolve));
  const finish = Promise.withResolvers<void>();
  network.listen(PROTOCOL, async (stream) => {
    arrived.push(stream);
    wake();
    await finish.promise;
  });
  const address = network.addresses()[0] ?? '';
  return {
    network,
    address,
    arrived,
    async stream(index: number): Promise<Stream> {
      while (arrived[index] === undefined) await change();
      return arrived[index];
    },
    async [Symbol.asyncDispose]() {
      finish.resolve();
      await network[Symbol.asyncDispose]();
    },
  };
}

const reasonOfRead = (stream: Stream) =>
  stream.read().then(
    () => 'nothing was refused',
    (error: Error) => error.message,
  );

async function heldBecomes(network: Network, expected: number): Promise<void> {
  await until(() => network.usage().heldBytes === expected);
  expect(network.usage().heldBytes).toBe(expected);
}

/** What a peer that keeps no rule may try, on streams of one transport. */
export function describeHostilePeers(transport: TransportName): void {
  describe(`a hostile peer by ${transport}`, () => {
    const aVictim = (limits: Partial<NetworkLimits> = {}) => aVictimBy(transport, limits);
    const aHostilePeer = () => aHostilePeerBy(transport);

    it.each([
      ['garbage', new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n'), 'frame'],
      ['a length above the limit', Uint8Array.of(0x00, 0x40, 0x00, 0x01), `${MAX_FRAME_BYTES + 1} bytes`],
      ['credit for nothing', encodeCredit(1), 'credit'],
    ])('that sends %s is cut, and told why', async (_, bytes, why) => {
      await using victim = await aVictim();
      await using hostile = await aHostilePeer();
      const raw = await hostile.open(victim.address, PROTOCOL);
      const words = lastWordsOn(raw);
      raw.send(bytes);
      expect(await reasonOfRead(await victim.stream(0))).toContain(why);
      expect(await words).toContain(why);
      await heldBecomes(victim.network, 0);
      expect(victim.network.usage().streams).toBe(0);
    });

    it('that never stops sending is cut when there is no room, and nothing stays held', async () => {
      await using victim = await aVictim();
      await using hostile = await aHostilePeer();
      const raw = await hostile.open(victim.address, PROTOCOL);
      const closed = lastWordsOn(raw);
      let most = 0;
      const frame = encodeData(new Uint8Array(64 * KIB));
      const flood = async () => {
        for (let i = 0; i < 1000 && isOpen(raw); i++) {
          raw.send(frame);
          if (raw.writableNeedsDrain) await raw.onDrain();
          most = Math.max(most, victim.network.usage().heldBytes);
        }
      };
      await flood().catch(() => undefined);
      expect(await closed).toContain('room');
      expect(most).toBeLessThan(1200 * KIB);
      await heldBecomes(victim.network, 0);
    });

    it('that sends frames of nothing without end is cut as well', async () => {
      await using victim = await aVictim();
      await using hostile = await aHostilePeer();
      const raw = await hostile.open(victim.address, PROTOCOL);
      const closed = lastWordsOn(raw);
      const frames = new Uint8Array(4 * 16 * KIB);
      raw.send(frames);
      expect(await closed).toContain('room');
      await heldBecomes(victim.network, 0);
    });

    it('may have only so many bytes held, over all of its streams', async () => {
      await using victim = await aVictim({ heldBytesPerPeer: 300 * KIB });
      await using hostile = await aHostilePeer();
      const raws = [];
      for (let i = 0; i < 4; i++) {
        const raw = await hostile.open(victim.address, PROTOCOL);
        const words = lastWordsOn(raw);
        raw.send(encodeData(new Uint8Array(100 * KIB)));
        raws.push(words);
        await victim.stream(i);
      }
      expect(await Promise.race(raws)).toContain('held');
      expect(victim.network.usage().heldBytes).toBeLessThanOrEqual(300 * KIB);
    });

    it('finds no room when all peers together have as many bytes held as may be', async () => {
      await using victim = await aVictim({ heldBytes: 300 * KIB });
      const hostiles = await Promise.all(Array.from({ length: 4 }, aHostilePeer));
      const words = [];
      for (const [index, hostile] of hostiles.entries()) {
        const raw = await hostile.open(victim.address, PROTOCOL);
        words.push(lastWordsOn(raw));
        raw.send(encodeData(new Uint8Array(100 * KIB)));
        await victim.stream(index);
      }
      expect(await Promise.race(words)).toContain('held');
      expect(victim.network.usage().heldBytes).toBeLessThanOrEqual(300 * KIB);
      await Promise.all(hostiles.map((hostile) => hostile[Symbol.asyncDispose]()));
    });

    it('that begins a frame and does not go on is cut when the time is up', async () => {
      await using victim = await aVictim({ frameTimeoutMs: 4000 });
      await using hostile = await aHostilePeer();
      const raw = await hostile.open(victim.address, PROTOCOL);
      const words = lastWordsOn(raw);
      raw.send(encodeData(new Uint8Array(1000)).subarray(0, 500));
      expect(await reasonOfRead(await victim.stream(0))).toContain('too long');
      expect(await words).toContain('too long');
      await heldBecomes(victim.network, 0);
    });

    it('that opens a stream and says nothing is cut when the time is up', async () => {
      await using victim = await aVictim({ frameTimeoutMs: 4000 });
      await using hostile = await aHostilePeer();
      const raw = await hostile.open(victim.address, PROTOCOL);
      expect(await lastWordsOn(raw)).toContain('no frame came');
    });

    it('that reads nothing does not hold a writer for ever', async () => {
      await using victim = await aVictim({ stallTimeoutMs: 4000 });
      await using hostile = await aHostilePeer();
      const raw = await hostile.open(victim.address, PROTOCOL);
      raw.send(encodeData(Uint8Array.of(1)));
      const stream = await victim.stream(0);
      const writing = (async () => {
        for (let i = 0; i < 100; i++) await stream.write(new Uint8Array(64 * KIB));
      })();
      await expect(writing).rejects.toThrow('took nothing');
      await heldBecomes(victim.network, 0);
    });

    it('that ends without saying so looks cut, not finished', async () => {
      await using victim = await aVictim();
      await using hostile = await aHostilePeer();
      const raw = await hostile.open(victim.address, PROTOCOL);
      raw.send(encodeData(Uint8Array.of(1)));
      const stream = await victim.stream(0);
      expect(await stream.read()).toEqual(Uint8Array.of(1));
      await raw.close();
      await expect(stream.read()).rejects.toThrow('without saying so');
    });

    it('may have only so many streams open, over all of its connections', async () => {
      await using victim = await aVictim({ streamsPerPeer: 5 });
      await using hostile = await aHostilePeer();
      const opened = await Promise.all(
        Array.from({ length: 40 }, async () => {
          try {
            const raw = await hostile.open(victim.address, PROTOCOL);
            raw.send(encodeData(Uint8Array.of(1)));
            return raw;
          } catch {
            return null;
          }
        }),
      );
      await victim.stream(4);
      await until(() => opened.filter((raw) => raw !== null && isOpen(raw)).length <= 5);
      expect(victim.arrived).toHaveLength(5);
      expect(victim.network.usage().streams).toBe(5);
    });

    it('may have only so many connections', async () => {
      await using victim = await aVictim({ connectionsPerPeer: 2 });
      await using hostile = await aHostilePeer();
      for (let i = 0; i < 10; i++) {
        await hostile.host.dial(multiaddr(victim.address), { force: true }).catch(() => null);
      }
      await until(() => hostile.host.getConnections().length <= 2);
      await until(() => victim.network.usage().connections === 2);
      expect(victim.network.peers()).toEqual([hostile.host.peerId.toString()]);
    });

    it('may have no more by opening them at once, from several machines with its key', async () => {
      await using victim = await aVictim({ connectionsPerPeer: 2 });
      const first = await aHostilePeer();
      const others = await Promise.all(Array.from({ length: 5 }, () => aHostilePeerBy(transport, first.key)));
      const all = [first, ...others];
      await Promise.all(all.map(({ host }) => host.dial(multiaddr(victim.address)).catch(() => null)));
      await until(() => all.filter(({ host }) => host.getConnections().length > 0).length <= 2);
      await until(() => victim.network.usage().connections === 2);
      expect(victim.network.peers()).toEqual([first.host.peerId.toString()]);
      await Promise.all(all.map((hostile) => hostile[Symbol.asyncDispose]()));
    });

    it('cannot open connections faster than allowed from one host, whatever its keys', async () => {
      await using victim = await aVictim({ connectionsPerSecond: 3 });
      const hostiles = await Promise.all(Array.from({ length: 8 }, aHostilePeer));
      await Promise.all(hostiles.map(({ host }) => host.dial(multiaddr(victim.address)).catch(() => null)));
      // By QUIC the library has made the handshake before it can be asked; the connection is closed then.
      await until(() => hostiles.filter(({ host }) => host.getConnections().length > 0).length <= 3);
      expect(victim.network.usage().connections).toBeLessThanOrEqual(3);
      // Honest ones behind the same address still get in.
      expect(victim.network.peers().length).toBeGreaterThan(0);
      await Promise.all(hostiles.map((hostile) => hostile[Symbol.asyncDispose]()));
    });

    it('finds no room when as many connections are open as may be', async () => {
      await using victim = await aVictim({ connections: 3 });
      const hostiles = await Promise.all(Array.from({ length: 6 }, aHostilePeer));
      for (const { host } of hostiles) await host.dial(multiaddr(victim.address)).catch(() => null);
      await until(() => hostiles.filter(({ host }) => host.getConnections().length > 0).length <= 3);
      expect(victim.network.usage().connections).toBe(3);
      await Promise.all(hostiles.map((hostile) => hostile[Symbol.asyncDispose]()));
    });
  });
}
