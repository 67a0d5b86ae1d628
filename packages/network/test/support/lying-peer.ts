import { bytesToHex, concatBytes } from '@cairn/core';
import { generateKeyPair } from '@libp2p/crypto/keys';
import { identify } from '@libp2p/identify';
import type { Stream } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { peerIdFromString } from '@libp2p/peer-id';
import { ping } from '@libp2p/ping';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { chainId } from './networks.ts';

/** A peer of the table that answers every question with what it likes. */
export interface LyingPeer extends AsyncDisposable {
  readonly peer: string;
  readonly address: string;
  /** Questions that it has answered. */
  answers(): number;
  /** Streams of the protocol that were opened to it. */
  streams(): number;
}

interface Told {
  readonly peer: string;
  readonly addresses: readonly string[];
}

/** Length-prefixed field of a protocol buffer. Every length here is below 2^14. */
const field = (number: number, bytes: Uint8Array) =>
  concatBytes(Uint8Array.of((number << 3) | 2), varint(bytes.length), bytes);
const varint = (value: number) =>
  value < 128 ? Uint8Array.of(value) : Uint8Array.of((value & 127) | 128, value >>> 7);

function toldPeer({ peer, addresses }: Told): Uint8Array {
  return concatBytes(
    field(1, peerIdFromString(peer).toMultihash().bytes),
    ...addresses.map((address) => field(2, multiaddr(address).bytes)),
  );
}

/** @param lies whom it names as provider of anything, and as closer to anything. */
export async function aLyingPeer(
  protocol: string,
  lies: () => { readonly providers: readonly Told[]; readonly closer: readonly Told[] },
): Promise<LyingPeer> {
  const host = await createLibp2p({
    privateKey: await generateKeyPair('Ed25519'),
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), ping: ping() },
    connectionManager: { inboundConnectionThreshold: 1000 },
  });
  let answers = 0;
  let streams = 0;
  await host.handle(`/cairn/kad/1/${bytesToHex(chainId.subarray(0, 8))}`, (stream: Stream) => {
    stream.addEventListener('message', ({ data }) => {
      const question = data.subarray();
      // Prefix of one byte or two, then field 1: the type of the question, which the answer repeats.
      const at = (question[0] ?? 0) < 128 ? 1 : 2;
      const type = question[at] === 8 ? (question[at + 1] ?? 0) : 0;
      const { providers, closer } = lies();
      const answer = concatBytes(
        Uint8Array.of(8, type),
        ...closer.map((told) => field(8, toldPeer(told))),
        ...providers.map((told) => field(9, toldPeer(told))),
      );
      answers += 1;
      if (stream.status === 'open') stream.send(concatBytes(varint(answer.length), answer));
    });
  });
  await host.handle(protocol, (stream: Stream) => {
    streams += 1;
    stream.abort(new Error('caught'));
  });
  return {
    peer: host.peerId.toString(),
    address: host.getMultiaddrs()[0]?.toString() ?? '',
    answers: () => answers,
    streams: () => streams,
    [Symbol.asyncDispose]: async () => {
      await host.stop();
    },
  };
}
