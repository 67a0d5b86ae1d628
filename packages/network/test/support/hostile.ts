import { generateKeyPair } from '@libp2p/crypto/keys';
import type { Stream } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p, type Libp2p } from 'libp2p';

/** A peer that speaks libp2p and keeps no rule above it. */
export interface Hostile extends AsyncDisposable {
  readonly host: Libp2p;
  open(address: string, protocol: string): Promise<Stream>;
}

export async function aHostilePeer(): Promise<Hostile> {
  const host = await createLibp2p({
    privateKey: await generateKeyPair('Ed25519'),
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux({ maxOutboundStreams: 100_000 })],
  });
  return {
    host,
    open: (address, protocol) =>
      host.dialProtocol(multiaddr(address), protocol, { maxOutboundStreams: 100_000 }),
    [Symbol.asyncDispose]: async () => {
      await host.stop();
    },
  };
}

/** What the other side says before the stream is over: all of its bytes, read as Latin-1. */
export async function lastWordsOn(stream: Stream): Promise<string> {
  let words = '';
  stream.addEventListener('message', ({ data }) => {
    for (const byte of data.subarray()) words += String.fromCharCode(byte);
  });
  if (stream.status === 'open') {
    await new Promise<void>((resolve) => stream.addEventListener('close', () => resolve(), { once: true }));
  }
  return words;
}
