import { bytesToHex, type Logger } from '@cairn/core';
import { LOAD_PROTOCOL } from '@cairn/protocol';
import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2';
import { generateKeyPair } from '@libp2p/crypto/keys';
import { dcutr } from '@libp2p/dcutr';
import { gossipsub, StrictNoSign } from '@libp2p/gossipsub';
import { createTopicScoreParams } from '@libp2p/gossipsub/score';
import { identify, identifyPush } from '@libp2p/identify';
import type { ConnectionGater, Ed25519PrivateKey, Libp2p, PeerId } from '@libp2p/interface';
import { kadDHT, passthroughMapper, removePrivateAddressesMapper } from '@libp2p/kad-dht';
import { noise } from '@libp2p/noise';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { ping } from '@libp2p/ping';
import { yamux } from '@libp2p/yamux';
import type { Multiaddr } from '@multiformats/multiaddr';
import { createLibp2p, type Libp2pOptions } from 'libp2p';
import type { NetworkOptions, RelayOptions } from '../options.ts';
import { createBoundedStore } from './bounded-store.ts';
import { type NetworkLimits, STREAMS_PER_CONNECTION } from './limits.ts';
import { isPublicAddress } from './read-address.ts';

type Transports = NonNullable<Libp2pOptions['transports']>;
type PeerDiscoveries = NonNullable<Libp2pOptions['peerDiscovery']>;

export interface HostParts {
  readonly privateKey: Ed25519PrivateKey;
  readonly transports: Transports;
  /** Multiaddrs to listen on, of these transports. */
  readonly listen: readonly string[];
  readonly peerDiscovery: PeerDiscoveries;
  readonly limits: NetworkLimits;
  readonly log: Logger;
}

/** Only rejected messages count: quiet topics and slow neighbours are no faults. */
const LIARS_LOSE = createTopicScoreParams({
  topicWeight: 1,
  timeInMeshWeight: 0,
  firstMessageDeliveriesWeight: 0,
  meshMessageDeliveriesWeight: 0,
  meshFailurePenaltyWeight: 0,
  invalidMessageDeliveriesWeight: -20,
  invalidMessageDeliveriesDecay: 0.9,
});

/** Largest message of gossip. */
const MAX_GOSSIP_BYTES = 4096;

/** The topic of live load on one network. */
export function loadTopic(chainId: Uint8Array): string {
  return `${LOAD_PROTOCOL}/${networkTag(chainId)}`;
}

/** A part of the names of the protocols, so that peers of different networks do not mix. */
export function networkTag(chainId: Uint8Array): string {
  return bytesToHex(chainId.subarray(0, 8));
}

/** Parts of libp2p that it gives to its services only. */
export interface Internals {
  readonly addressManager: {
    getAddressesWithMetadata(): readonly { readonly multiaddr: Multiaddr }[];
    addObservedAddr(address: Multiaddr): void;
    confirmObservedAddr(address: Multiaddr): void;
    removeObservedAddr(address: Multiaddr): void;
  };
  readonly transportManager: {
    getAddrs(): Multiaddr[];
    listen(addresses: Multiaddr[]): Promise<void>;
  };
}

export async function createHost(parts: HostParts, options: NetworkOptions) {
  const { limits } = parts;
  const isPublic = options.scope === 'public';
  const tag = networkTag(options.chainId);
  const topic = loadTopic(options.chainId);
  let host: Libp2p | null = null;
  const connectionsOf = (peer: PeerId) => host?.getConnections(peer) ?? [];

  const configured = new Set([...(options.bootstrap ?? []), ...(options.relays ?? [])]);
  const isAllowed = (address: Multiaddr) => !isPublic || isPublicAddress(address);
  const connectionGater: ConnectionGater = {
    denyInboundEncryptedConnection: (peer) => connectionsOf(peer).length >= limits.connectionsPerPeer,
    denyDialMultiaddr: (address) => !isAllowed(address) && !configured.has(address.toString()),
    filterMultiaddrForPeer: (_, address) => isAllowed(address),
  };
  const lent = lentBy(options);

  const libp2p = await createLibp2p({
    privateKey: parts.privateKey,
    datastore: createBoundedStore(peerIdFromPrivateKey(parts.privateKey), parts.log),
    nodeInfo: { userAgent: 'cairn' },
    addresses: {
      listen: [...parts.listen, ...(options.relays ?? []).map((address) => `${address}/p2p-circuit`)],
      announce: [...(options.announce ?? [])],
    },
    transports: [...parts.transports, circuitRelayTransport()],
    connectionEncrypters: [noise()],
    streamMuxers: [
      yamux({
        maxInboundStreams: STREAMS_PER_CONNECTION,
        maxOutboundStreams: STREAMS_PER_CONNECTION,
        // Those that arrive before this side is ready for them; a burst of an honest peer is no attack.
        maxEarlyStreams: 64,
        streamOptions: { maxStreamWindowSize: 1024 * 1024 },
      }),
    ],
    peerDiscovery: parts.peerDiscovery,
    connectionGater,
    connectionManager: {
      maxConnections: limits.connections,
      inboundConnectionThreshold: limits.connectionsPerSecond,
      maxIncomingPendingConnections: limits.handshakes,
      inboundUpgradeTimeout: limits.handshakeTimeoutMs,
      inboundStreamProtocolNegotiationTimeout: limits.handshakeTimeoutMs,
      outboundStreamProtocolNegotiationTimeout: limits.handshakeTimeoutMs,
      // The other half is for hints, when the addresses of the ledger lead nowhere.
      dialTimeout: limits.dialTimeoutMs / 2,
      reconnectRetries: 0,
    },
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping(),
      dcutr: dcutr(),
      dht: kadDHT({
        protocol: `/cairn/kad/1/${tag}`,
        clientMode: options.dht === 'client',
        allowQueryWithZeroPeers: true,
        peerInfoMapper: isPublic ? removePrivateAddressesMapper : passthroughMapper,
      }),
      gossip: gossipsub({
        allowedTopics: [topic],
        // Each load carries the signature of its device; a second one around it would prove nothing more.
        globalSignaturePolicy: StrictNoSign,
        scoreParams: {
          // Machines behind one address are common on a private network.
          ...(isPublic ? {} : { IPColocationFactorWeight: 0 }),
          topics: { [topic]: LIARS_LOSE },
        },
        allowPublishToZeroTopicPeers: true,
        maxInboundDataLength: MAX_GOSSIP_BYTES,
        maxOutboundBufferSize: 1024 * 1024,
        maxTopicBytesPerPeer: 16 * 1024,
        decodeRpcLimits: {
          maxSubscriptions: 32,
          maxMessages: 512,
          maxIhaveMessageIDs: 2048,
          maxIwantMessageIDs: 2048,
          maxIdontwantMessageIDs: 512,
          maxControlMessages: 64,
          maxPeerInfos: 16,
        },
        doPX: false,
      }),
      internals: ({ addressManager, transportManager }: Internals): Internals => ({
        addressManager,
        transportManager,
      }),
      ...(lent === null
        ? {}
        : {
            relay: circuitRelayServer({
              reservations: {
                maxReservations: lent.reservations,
                defaultDataLimit: lent.bytes,
                defaultDurationLimit: lent.durationMs,
              },
            }),
          }),
    },
    start: false,
  });
  host = libp2p;
  libp2p.addEventListener('connection:open', ({ detail: connection }) => {
    if (connection.direction !== 'inbound') return;
    // Several may have passed the gate at once; the first ones stay.
    if (connectionsOf(connection.remotePeer).indexOf(connection) >= limits.connectionsPerPeer) {
      connection.abort(new Error('too many connections of this peer are open'));
    }
  });
  return libp2p;
}

/**
 * A host under a key that nobody knows, which only dials: what it connects to takes it for a stranger, and its
 * connections are not mixed with those of this peer.
 */
export async function createProber(
  parts: Pick<HostParts, 'transports' | 'limits' | 'log'>,
  scope: NetworkOptions['scope'],
): Promise<Libp2p> {
  const privateKey = await generateKeyPair('Ed25519');
  return createLibp2p({
    privateKey,
    datastore: createBoundedStore(peerIdFromPrivateKey(privateKey), parts.log),
    transports: parts.transports,
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: (address) => scope === 'public' && !isPublicAddress(address) },
    connectionManager: { maxConnections: parts.limits.handshakes, reconnectRetries: 0 },
  });
}

/** What a peer that relays lends to others when it says nothing else. */
const LENT: Required<RelayOptions> = {
  reservations: 32,
  bytes: 64n * 1024n * 1024n,
  durationMs: 1_800_000,
};

/** What this peer lends to those who are reached through it; null when it does not relay. */
export function lentBy({ relayServer = false }: NetworkOptions): Required<RelayOptions> | null {
  if (relayServer === false) return null;
  return relayServer === true ? LENT : { ...LENT, ...relayServer };
}
