import { createEd25519Signer } from '@cairn/core';
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import type { SingleKadDHT } from '@libp2p/kad-dht';
import type { Libp2pOptions } from 'libp2p';
import { createDiscovery } from './discovery/discovery.ts';
import { NetworkError } from './errors.ts';
import { assertSeed } from './identity.ts';
import { createBudgets } from './libp2p/budget.ts';
import { createNeighbours } from './libp2p/greet-neighbours.ts';
import { createHost, createProber, lentBy, loadTopic, networkTag } from './libp2p/host.ts';
import { joinNetwork } from './libp2p/join.ts';
import { createLastGood } from './libp2p/last-good.ts';
import { createLibp2pTransport } from './libp2p/libp2p-transport.ts';
import { DEFAULT_LIMITS } from './libp2p/limits.ts';
import { explain } from './libp2p/reasons.ts';
import { keepJoined } from './libp2p/rejoin.ts';
import { createLoadGossip } from './load/load-gossip.ts';
import type { MissingTransport, Network, NetworkOptions, NetworkParts } from './options.ts';
import { answerDialBacks } from './reach/answer-dial-backs.ts';
import { dialBackProtocol } from './reach/dial-back.ts';
import { isMeantForOthers, watchReach } from './reach/reach.ts';

/** What differs between Node and a browser. */
export interface Surroundings {
  readonly transports: NonNullable<Libp2pOptions['transports']>;
  readonly listen: readonly string[];
  /** Transports that this machine cannot have. */
  readonly missing: readonly MissingTransport[];
  /** Whether this peer can dial others to tell them whether they can be dialled. */
  readonly dialsBack: boolean;
  /** Finds peers on the local network. */
  readonly localDiscovery: NonNullable<Libp2pOptions['peerDiscovery']>[number] | null;
}

const SAVE_EVERY_MS = 300_000;

/** @throws NetworkError `IDENTITY_MALFORMED`, `LISTEN_FAILED` */
export async function openWith(
  surroundings: Surroundings,
  parts: NetworkParts,
  options: NetworkOptions,
): Promise<Network> {
  const { timer, crypto, log, directory } = parts;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  assertSeed(parts.identity);
  const privateKey = await generateKeyPairFromSeed('Ed25519', parts.identity.slice());
  const { transports, listen, missing, localDiscovery } = surroundings;
  const neighbours = localDiscovery === null ? null : createNeighbours(localDiscovery, log);
  const peerDiscovery = neighbours === null ? [] : [neighbours.factory];
  const host = await createHost({ privateKey, limits, log, transports, listen, peerDiscovery }, options);
  neighbours?.greetFrom(host);
  const lastGood = createLastGood(host, parts.cache);
  const budgets = createBudgets(limits);
  const lent = lentBy(options);
  try {
    await host.start();
  } catch (error) {
    await host.stop();
    const wanted = [...listen, ...(options.relays ?? [])];
    throw new NetworkError(
      { code: 'LISTEN_FAILED', addresses: wanted, reason: explain(error) },
      `This peer could not listen on ${wanted.join(', ')}: ${explain(error)}. Choose another address or free the port; of a relay, check that it is up and relays for others.`,
      { cause: error },
    );
  }
  const transport = createLibp2pTransport({ host, timer, log, budgets, directory, limits });
  const discovery = createDiscovery({
    ...{ dht: host.services.dht, crypto, timer, log, directory },
    chainId: options.chainId,
    self: host.peerId,
    tableSize: () => (host.services.dht as SingleKadDHT).routingTable.size,
    hasConnections: () => host.getConnections().length > 0,
  });
  const load = createLoadGossip({
    ...{ crypto, log, directory },
    chainId: options.chainId,
    gossip: host.services.gossip,
    topic: loadTopic(options.chainId),
    signer: createEd25519Signer(parts.identity),
  });
  const protocol = dialBackProtocol(networkTag(options.chainId));
  const createProbing = () => createProber({ transports, limits, log }, options.scope);
  const dialBacks = answerDialBacks({ host, createProber: createProbing, timer, log });
  if (surroundings.dialsBack) transport.listen(protocol, dialBacks.handler);
  const { internals } = host.services;
  const reach = watchReach(
    { host, internals, transport, timer, log },
    {
      protocol,
      isPublic: options.scope === 'public',
      autoRelay: options.autoRelay ?? ((options.relays ?? []).length > 0 || isMeantForOthers(listen)),
    },
  );
  let stopSaving = saveLater();
  function saveLater(): () => void {
    return timer.schedule(SAVE_EVERY_MS, async () => {
      await lastGood.save().catch((error: unknown) => log.warn('peers could not be remembered', { error }));
      stopSaving = saveLater();
    });
  }

  async function join() {
    const report = await joinNetwork(
      { host, timer, log, limits, lastGood, directory },
      options.bootstrap ?? [],
    );
    await lastGood.save();
    return report;
  }
  /** From the first join on. */
  let rejoining: Disposable | null = null;

  return {
    peer: transport.peer,
    dial: transport.dial,
    listen: transport.listen,
    missing,
    reach: reach.now,
    addresses: () => host.getMultiaddrs().map((address) => address.toString()),
    peers: () => [...new Set(host.getPeers().map((peer) => peer.toString()))],
    join() {
      rejoining ??= keepJoined(parts, () => host.getConnections().length === 0, join);
      return join();
    },
    discovery,
    load,
    lent: () => (lent === null ? null : { ...lent, held: host.services.relay?.reservations.size ?? 0 }),
    usage: () => ({
      connections: host.getConnections().length,
      streams: budgets.streams,
      heldBytes: budgets.heldBytes,
    }),
    async [Symbol.asyncDispose]() {
      stopSaving();
      reach[Symbol.dispose]();
      rejoining?.[Symbol.dispose]();
      await transport[Symbol.asyncDispose]();
      await dialBacks[Symbol.asyncDispose]();
      await lastGood.save();
    },
  };
}
