import type { CancelSignal, Crypto, Logger } from '@cairn/core';
import type { PeerName, Timer } from '@cairn/protocol';
import type { PeerId } from '@libp2p/interface';
import type { KadDHT } from '@libp2p/kad-dht';
import type { PeerDirectory } from '../directory.ts';
import { type DiscoveryTopic, discoveryCid } from './discovery-key.ts';

/** Somebody said that this peer serves a topic. Nothing about it has been checked. */
export interface ProviderHint {
  readonly peer: PeerName;
  /** Multiaddrs, as they were told. */
  readonly addresses: readonly string[];
}

export interface FindOptions {
  /** Most peers wanted. @default 32 */
  readonly limit?: number;
  /** Time for the search. @default 20_000 */
  readonly timeoutMs?: number;
  readonly signal?: CancelSignal;
}

/** Who serves what, by a Kademlia table that anybody may write to. */
export interface Discovery {
  /** Says that this peer serves a topic, and goes on saying so until `withdraw`. Returns how many peers keep it. */
  provide(topic: DiscoveryTopic, options?: Pick<FindOptions, 'timeoutMs' | 'signal'>): Promise<number>;
  withdraw(topic: DiscoveryTopic): Promise<void>;
  /** Hints, each peer once, as they come in. They may all be lies: ask the ledger before paying anyone. */
  find(topic: DiscoveryTopic, options?: FindOptions): AsyncIterable<ProviderHint>;
  /** The hints whose peer the ledger names, with the ledger's addresses instead of the told ones. */
  findKnown(topic: DiscoveryTopic, options?: FindOptions): AsyncIterable<ProviderHint>;
}

export interface DiscoveryParts {
  readonly dht: Pick<KadDHT, 'findProviders' | 'provide' | 'cancelReprovide'>;
  /** Peers that can be asked. They come in a moment after their connections. */
  readonly tableSize: () => number;
  readonly hasConnections: () => boolean;
  readonly crypto: Crypto;
  readonly timer: Timer;
  readonly log: Logger;
  readonly chainId: Uint8Array;
  readonly self: PeerId;
  readonly directory?: PeerDirectory | undefined;
}

const MAX_HINTS = 32;
const MAX_ADDRESSES = 8;
const TIMEOUT_MS = 20_000;
/** Hints looked at for each that is wanted: liars crowd the table. */
const SEARCH_FACTOR = 32;
/** How long, and how often, to look whether a connected peer has come into the table. */
const MOST_LOOKS = 100;
const LOOK_MS = 50;

export function createDiscovery(parts: DiscoveryParts): Discovery {
  const { dht, crypto, timer, log, chainId, self } = parts;

  function limitTime(options: FindOptions): { readonly signal: AbortSignal; stop(): void } {
    const controller = new AbortController();
    const abort = () => controller.abort(new Error('the search is over'));
    if (options.signal?.aborted === true) abort();
    options.signal?.addEventListener('abort', abort, { once: true });
    const stop = timer.schedule(options.timeoutMs ?? TIMEOUT_MS, abort);
    return {
      signal: controller.signal,
      stop() {
        stop();
        options.signal?.removeEventListener('abort', abort);
        abort();
      },
    };
  }

  /** A search of an empty table finds nothing at once, also when its first peers are just being greeted. */
  async function waitForTable(signal: AbortSignal): Promise<void> {
    for (let look = 0; look < MOST_LOOKS && !signal.aborted; look++) {
      if (parts.tableSize() > 0 || !parts.hasConnections()) return;
      await new Promise<void>((resolve) => timer.schedule(LOOK_MS, resolve));
    }
  }

  async function* search(topic: DiscoveryTopic, limit: number, options: FindOptions) {
    const time = limitTime(options);
    const seen = new Set<PeerName>();
    try {
      await waitForTable(time.signal);
      const events = dht.findProviders(discoveryCid(crypto, chainId, topic), { signal: time.signal });
      for await (const event of events) {
        if (event.name !== 'PROVIDER' && event.name !== 'PEER_RESPONSE') continue;
        for (const { id, multiaddrs } of event.providers) {
          const peer = id.toString();
          if (seen.has(peer) || id.equals(self)) continue;
          if (seen.size >= limit) return;
          seen.add(peer);
          yield { peer, addresses: multiaddrs.slice(0, MAX_ADDRESSES).map((address) => address.toString()) };
        }
      }
    } catch (error) {
      // A search that runs out of time has found what it has found.
      if (!time.signal.aborted) log.debug('search of the table failed', { error });
    } finally {
      time.stop();
    }
  }

  return {
    async provide(topic, options = {}) {
      const time = limitTime(options);
      const kept = new Set<PeerName>();
      try {
        await waitForTable(time.signal);
        for await (const event of dht.provide(discoveryCid(crypto, chainId, topic), {
          signal: time.signal,
        })) {
          if (event.name === 'PEER_RESPONSE' && event.messageName === 'ADD_PROVIDER')
            kept.add(event.from.toString());
        }
      } catch (error) {
        if (!time.signal.aborted) log.debug('topic could not be provided', { error });
      } finally {
        time.stop();
      }
      return kept.size;
    },
    withdraw: (topic) => dht.cancelReprovide(discoveryCid(crypto, chainId, topic)),
    find: (topic, options = {}) => search(topic, options.limit ?? MAX_HINTS, options),
    async *findKnown(topic, options = {}) {
      const limit = options.limit ?? MAX_HINTS;
      let found = 0;
      for await (const { peer } of search(topic, limit * SEARCH_FACTOR, options)) {
        const addresses = await parts.directory?.addressesOf(peer);
        if (addresses === null || addresses === undefined) continue;
        yield { peer, addresses };
        found += 1;
        if (found >= limit) return;
      }
    },
  };
}
