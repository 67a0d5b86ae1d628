import { createHmac, createPrivateKey, X509Certificate } from 'node:crypto';
import { concatBytes } from '@cairn/core';
import { multiaddr } from '@multiformats/multiaddr';
import { describe, expect, it } from 'vitest';
import { openBrowserNetwork } from '../../src/browser.ts';
import { DEFAULT_LIMITS } from '../../src/libp2p/limits.ts';
import { createFrameCheck } from '../../src/transports/guard-channel.ts';
import { loadWebrtc } from '../../src/transports/webrtc.ts';
import { certificateOf } from '../../src/transports/webrtc-certificate.ts';
import { anEchoBy, expectEchoes, ECHO_PROTOCOL as PROTOCOL } from '../support/echo.ts';
import { aHostilePeerBy, givenUp } from '../support/hostile.ts';
import { aNetwork, chainId, crypto, realTimer, seedOf, silentLog, until } from '../support/networks.ts';
import { makePagesPatient } from '../support/patient-pages.ts';
import { aUdpSocket, sendAll } from '../support/udp.ts';

makePagesPatient();

const portOf = (address: string) => Number(/\/udp\/(\d+)\//.exec(address)?.[1]);

const anEcho = (limits = {}, parts = {}) => anEchoBy('webrtc', limits, parts);

let pages = 700;
const aPage = (bootstrap: readonly string[], relays: readonly string[] = []) =>
  openBrowserNetwork(
    { clock: { nowMs: () => 0 }, timer: realTimer, crypto, log: silentLog, identity: seedOf(++pages) },
    { chainId, bootstrap, relays },
  );

describe('a page', () => {
  it('reaches a peer by WebRTC without a certificate that others sign, and frames of any size go both ways', async () => {
    await using echo = await anEcho();
    await using page = await aPage(echo.addresses());
    expect((await page.join()).reached).toEqual([echo.peer]);
    await expectEchoes(page, echo, [0, 1, 16_000, 17_000, 1024 * 1024]);
  });

  it('reaches another page, which a relay has led it to', async () => {
    await using relay = await aNetwork({ listen: ['/ip4/127.0.0.1/tcp/0/ws'], relayServer: true });
    await using one = await aPage([], relay.addresses());
    await until(() => one.addresses().some((address) => address.includes('/webrtc')));
    one.listen(PROTOCOL, async (stream) => {
      await stream.write((await stream.read()) ?? new Uint8Array(0));
    });
    const address = one.addresses().find((each) => each.includes('/webrtc')) ?? '';
    await using other = await aPage([address]);
    expect((await other.join()).reached).toContain(one.peer);
    const stream = await other.dial(one.peer, PROTOCOL);
    await stream.write(Uint8Array.of(1, 2, 3));
    expect(await stream.read()).toEqual(Uint8Array.of(1, 2, 3));
  });
});

describe('the certificate of a peer', () => {
  it('follows from its key, so that its addresses survive restarts', async () => {
    const parts = { identity: seedOf(650) };
    const first = await anEcho({}, parts);
    const [address = ''] = first.addresses();
    await first[Symbol.asyncDispose]();
    await using again = await anEcho({}, parts);
    const hash = /\/certhash\/([^/]+)/.exec(address)?.[1];
    expect(again.addresses()[0]).toContain(`/certhash/${hash}/`);
    await using other = await anEcho();
    expect(other.addresses()[0]).not.toContain(`/certhash/${hash}/`);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('is one that others can read (key %i)', (seed) => {
    const made = certificateOf(seedOf(seed));
    const read = new X509Certificate(made.pem);
    expect(read.verify(read.publicKey)).toBe(true);
    expect(read.checkPrivateKey(createPrivateKey(made.privateKey))).toBe(true);
    expect(read.subject).toBe('CN=cairn');
    expect(certificateOf(seedOf(seed))).toEqual(made);
  });
});

/** What opens a connection by WebRTC: a STUN request that carries the name the caller has chosen. */
function aStunRequest(name: string, seed: number): Uint8Array {
  const attribute = (type: number, value: Uint8Array) => {
    const padded = new Uint8Array(4 + Math.ceil(value.length / 4) * 4);
    new DataView(padded.buffer).setUint16(0, type);
    new DataView(padded.buffer).setUint16(2, value.length);
    padded.set(value, 4);
    return padded;
  };
  const head = new Uint8Array(20);
  const view = new DataView(head.buffer);
  view.setUint16(0, 1);
  view.setUint32(4, 0x2112a442);
  head.set(seedOf(seed).subarray(0, 12), 8);
  const user = attribute(6, new TextEncoder().encode(`${name}:${name}`));
  const prefix = concatBytes(user, attribute(0x24, Uint8Array.of(0, 0, 0, 1)));
  view.setUint16(2, prefix.length + 24);
  const mac = createHmac('sha1', name).update(concatBytes(head, prefix)).digest();
  const signed = concatBytes(prefix, attribute(8, mac));
  view.setUint16(2, signed.length + 8);
  const crc = new Uint8Array(4);
  new DataView(crc.buffer).setUint32(0, (crc32Of(concatBytes(head, signed)) ^ 0x5354554e) >>> 0);
  return concatBytes(head, signed, attribute(0x8028, crc));
}

function crc32Of(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

describe('a stranger at the port of WebRTC', () => {
  it('does not stop a peer with garbage, nor with names that cannot be passwords', async () => {
    await using echo = await anEcho();
    const [address = ''] = echo.addresses();
    await using socket = await aUdpSocket();
    const bad = [
      '',
      'short',
      'libp2p+webrtc+v1/%s%n%x',
      'x\r\na=candidate:1 1 UDP 1 127.0.0.1 1 typ host',
      'y'.repeat(500),
    ];
    const garbage = Array.from({ length: 300 }, (_, index) =>
      index % 3 === 0
        ? aStunRequest(bad[index % bad.length] ?? '', index)
        : concatBytes(Uint8Array.of(index % 256), seedOf(index), new Uint8Array(index * 3)),
    );
    await sendAll(socket, portOf(address), garbage);
    await using page = await aPage([address]);
    expect((await page.join()).reached).toEqual([echo.peer]);
  });

  it('begins no more connections than handshakes may run at a time', async () => {
    await using echo = await anEcho({ handshakes: 4 });
    const [address = ''] = echo.addresses();
    await using socket = await aUdpSocket();
    const answered = new Set<string>();
    socket.on('message', (answer) => answered.add(answer.subarray(8, 20).toString('hex')));
    const names = Array.from({ length: 100 }, (_, index) => `libp2p+webrtc+v1/${'a'.repeat(20)}${index}`);
    await sendAll(socket, portOf(address), names.map(aStunRequest));
    await until(() => answered.size >= 4);
    await sendAll(
      socket,
      portOf(address),
      names.map((name, index) => aStunRequest(`${name}/b`, 500 + index)),
    );
    await echo[Symbol.asyncDispose]();
    expect(answered.size).toBe(4);
  });
});

describe('a hostile peer by WebRTC', () => {
  it('may not send much before a protocol is agreed on', async () => {
    await using echo = await anEcho();
    await using hostile = await aHostilePeerBy('webrtc');
    const connection = await hostile.host.dial(multiaddr(echo.addresses()[0] ?? ''));
    const { muxer } = connection as unknown as { muxer: Muxer };
    const stream = await muxer.createStream();
    stream.send(new Uint8Array(200 * 1024).fill(1));
    await givenUp(stream);
    expect(echo.usage().heldBytes).toBe(0);
  });

  it.each([
    ['text, which is no bytes', '4000000000'],
    ['the length of a frame that is too long', Uint8Array.of(0xff, 0xff, 0xff, 0x01)],
  ])('loses a channel by %s', async (_, message) => {
    await using echo = await anEcho();
    await using hostile = await aHostilePeerBy('webrtc');
    const connection = await hostile.host.dial(multiaddr(echo.addresses()[0] ?? ''));
    const { muxer } = connection as unknown as { muxer: Muxer };
    const stream = await muxer.createStream();
    const { channel } = stream;
    if (channel.readyState !== 'open')
      await new Promise<void>((resolve) => channel.addEventListener('open', resolve));
    channel.send(message);
    await until(() => channel.readyState === 'closed');
    await using page = await aPage(echo.addresses());
    expect((await page.join()).reached).toEqual([echo.peer]);
  });
});

interface Muxer {
  createStream(): Promise<Parameters<typeof givenUp>[0] & { readonly channel: Channel }>;
}

interface Channel {
  readonly readyState: string;
  send(message: string | Uint8Array): void;
  addEventListener(type: 'open', listener: () => void): void;
}

describe('the frames of a channel', () => {
  const messages = (...parts: readonly Uint8Array[]) => {
    const isGood = createFrameCheck();
    return parts.every((part) => isGood(part.slice().buffer));
  };

  it('may be cut anywhere', () => {
    const whole = concatBytes(
      Uint8Array.of(0xac, 0x02),
      new Uint8Array(300),
      Uint8Array.of(1, 7, 0, 2, 8, 9),
    );
    for (let at = 0; at <= whole.length; at++)
      expect(messages(whole.subarray(0, at), whole.subarray(at), whole), `cut at ${at}`).toBe(true);
  });

  it('are no longer than the library makes them', () => {
    expect(messages(Uint8Array.of(0x80, 0x80, 0x01), new Uint8Array(16_384), Uint8Array.of(0))).toBe(true);
    expect(messages(Uint8Array.of(0x81, 0x80, 0x01))).toBe(false);
    expect(messages(Uint8Array.of(0x80, 0x80, 0x80))).toBe(false);
    expect(messages(Uint8Array.of(0x80), Uint8Array.of(0x80), Uint8Array.of(0x80, 0x00))).toBe(false);
    expect(messages(new Uint8Array(16_385))).toBe(false);
  });
});

describe('a machine without WebRTC', () => {
  it('is told what is absent', async () => {
    const { missing } = await loadWebrtc(DEFAULT_LIMITS, seedOf(1), () =>
      Promise.reject(new Error('no binary')),
    );
    expect(missing).toContain('node-datachannel');
  });
});
