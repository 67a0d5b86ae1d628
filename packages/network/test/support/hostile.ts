import { quic } from '@chainsafe/libp2p-quic';
import { generateKeyPair } from '@libp2p/crypto/keys';
import type { Ed25519PrivateKey, Stream } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { webRTCDirect } from '@libp2p/webrtc';
import { webSockets } from '@libp2p/websockets';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p, type Libp2p } from 'libp2p';
import type { TransportName } from '../../src/index.ts';

/** A peer that speaks libp2p and keeps no rule above it. */
export interface Hostile extends AsyncDisposable {
  readonly host: Libp2p;
  readonly key: Ed25519PrivateKey;
  open(address: string, protocol: string): Promise<Stream>;
}

/** The libraries as they are, without a limit of ours. */
const UNGUARDED = {
  tcp: () => tcp(),
  websocket: () => webSockets(),
  quic: () => quic({ maxConcurrentStreamLimit: 10_000 }) as ReturnType<typeof tcp>,
  webrtc: () => webRTCDirect({ rtcConfiguration: { iceServers: [] } }) as ReturnType<typeof tcp>,
};

/** @param privateKey of another one, to be it a second time. @default a new one */
export async function aHostilePeerBy(
  transport: TransportName,
  privateKey?: Ed25519PrivateKey,
): Promise<Hostile> {
  const key = privateKey ?? (await generateKeyPair('Ed25519'));
  const host = await createLibp2p({
    privateKey: key,
    transports: [UNGUARDED[transport]()],
    // It does not even look where it dials.
    connectionGater: { denyDialMultiaddr: () => false },
    connectionEncrypters: [noise()],
    streamMuxers: [yamux({ maxOutboundStreams: 100_000 })],
  });
  return {
    host,
    key,
    open: (address, protocol) =>
      host.dialProtocol(multiaddr(address), protocol, { maxOutboundStreams: 100_000 }),
    [Symbol.asyncDispose]: async () => {
      await host.stop();
    },
  };
}

/** Whether the other side has not given a stream up. A reset by QUIC shows as the end of what it says. */
export function isOpen(stream: Stream): boolean {
  return stream.status === 'open' && stream.remoteWriteStatus === 'writable';
}

/** Waits until the other side has given a stream up. */
export async function givenUp(stream: Stream): Promise<void> {
  if (!isOpen(stream)) return;
  await new Promise<void>((resolve) => {
    for (const type of ['close', 'remoteCloseWrite'] as const)
      stream.addEventListener(type, () => resolve(), { once: true });
  });
}

/** What the other side says before the stream is over: all of its bytes, read as Latin-1. */
export async function lastWordsOn(stream: Stream): Promise<string> {
  let words = '';
  stream.addEventListener('message', ({ data }) => {
    for (const byte of data.subarray()) words += String.fromCharCode(byte);
  });
  await givenUp(stream);
  return words;
}
