import { concatBytes } from '@cairn/core';
import type { Stream } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { describe, expect, it } from 'vitest';
import { encodeData } from '../../src/libp2p/frames.ts';
import { DEFAULT_LIMITS, STREAMS_PER_CONNECTION } from '../../src/libp2p/limits.ts';
import { loadQuic } from '../../src/transports/quic.ts';
import { anEchoBy, expectEchoes, ECHO_PROTOCOL as PROTOCOL } from '../support/echo.ts';
import { aHostilePeerBy, givenUp, isOpen } from '../support/hostile.ts';
import { aNetworkBy, seedOf, until } from '../support/networks.ts';
import { aUdpDoor, aUdpSocket, sendAll } from '../support/udp.ts';

const portOf = (address: string) => Number(/\/udp\/(\d+)\//.exec(address)?.[1]);

const anEcho = (limits = {}) => anEchoBy('quic', limits);

describe('two peers that have QUIC only', () => {
  it('ask and answer in frames of any size, with an end that is said', async () => {
    await using echo = await anEcho();
    await using guest = await aNetworkBy('quic', { listen: [], bootstrap: echo.addresses() });
    expect((await guest.join()).reached).toEqual([echo.peer]);
    await expectEchoes(guest, echo, [0, 1, 5000, 1024 * 1024]);
  });

  it('never take one for another', async () => {
    await using echo = await anEcho();
    const [address = ''] = echo.addresses();
    const other = await aNetworkBy('quic', { listen: [] }, { identity: seedOf(900) });
    await other[Symbol.asyncDispose]();
    await using deceived = await aNetworkBy('quic', {
      listen: [],
      bootstrap: [address.replace(/\/p2p\/.*/, `/p2p/${other.peer}`)],
    });
    await expect(deceived.join()).rejects.toThrow('another peer answered');
    expect(deceived.peers()).toEqual([]);
  });
});

describe('a stranger at the port of QUIC', () => {
  it('does not stop a peer with garbage', async () => {
    await using echo = await anEcho();
    const [address = ''] = echo.addresses();
    await using socket = await aUdpSocket();
    const long = Uint8Array.of(0xc0, 0, 0, 0, 1, 255, 255, 255, 255);
    const garbage = Array.from({ length: 500 }, (_, index) =>
      concatBytes(index % 2 === 0 ? long : new Uint8Array(0), seedOf(index), new Uint8Array(index * 2)),
    );
    await sendAll(socket, portOf(address), garbage);
    await using guest = await aNetworkBy('quic', { listen: [], bootstrap: [address] });
    expect((await guest.join()).reached).toEqual([echo.peer]);
  });

  it('keeps nobody out by beginning handshakes and saying no more', async () => {
    await using echo = await anEcho({ handshakes: 8 });
    const [address = ''] = echo.addresses();
    await using door = await aUdpDoor(portOf(address), (from, index) => from === 'client' && index < 2);
    await using silent = await aHostilePeerBy('quic');
    const dials = Array.from({ length: 4 }, () =>
      silent.host.dial(multiaddr(address.replace(/\/udp\/\d+/, `/udp/${door.port}`))).catch(() => null),
    );
    await until(() => door.counts.server > 0);
    await using guest = await aNetworkBy('quic', { listen: [], bootstrap: [address] });
    const began = performance.now();
    expect((await guest.join()).reached).toEqual([echo.peer]);
    expect(performance.now() - began, 'ms').toBeLessThan(DEFAULT_LIMITS.handshakeTimeoutMs);
    await silent[Symbol.asyncDispose]();
    await Promise.all(dials);
  });
});

describe('a hostile peer by QUIC', () => {
  it('may not send much before a protocol is agreed on', async () => {
    await using echo = await anEcho();
    await using hostile = await aHostilePeerBy('quic');
    const connection = await hostile.host.dial(multiaddr(echo.addresses()[0] ?? ''));
    // Nothing that names a protocol: a length of multistream that never ends.
    const muxer = (connection as unknown as { muxer: { createStream(): Promise<Stream> } }).muxer;
    const stream = await muxer.createStream();
    stream.send(new Uint8Array(200 * 1024).fill(1));
    await givenUp(stream);
    expect(echo.usage().heldBytes).toBe(0);
  });

  it('may have only so many streams, whatever they speak', async () => {
    await using echo = await anEcho({ streamsPerPeer: 3 });
    await using hostile = await aHostilePeerBy('quic');
    const connection = await hostile.host.dial(multiaddr(echo.addresses()[0] ?? ''));
    const opened = await Promise.all(
      Array.from({ length: STREAMS_PER_CONNECTION - 20 }, async () => {
        try {
          const raw = await connection.newStream(PROTOCOL, { maxOutboundStreams: 10_000 });
          raw.send(encodeData(Uint8Array.of(1)));
          return raw;
        } catch {
          return null;
        }
      }),
    );
    await until(() => opened.filter((raw) => raw !== null && isOpen(raw)).length <= 3);
    expect(echo.usage().streams).toBeLessThanOrEqual(3);
  });
});

describe('a machine without QUIC', () => {
  it('is told which package would bring it', async () => {
    const { missing } = await loadQuic(DEFAULT_LIMITS, () => Promise.reject(new Error('no binary')));
    expect(missing).toMatch(/npm install --no-save @chainsafe\/libp2p-quic-[a-z0-9-]+@\d+\.\d+\.\d+$/);
  });
});
