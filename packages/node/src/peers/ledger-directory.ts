import { type AccountId, accountIdToAddress, type Clock, hexToBytes } from '@cairn/core';
import { type KnownPeer, type PeerDirectory, peerNameOf } from '@cairn/network';
import type { LedgerReader, PeerName } from '@cairn/protocol';
import { fetchPages } from '@cairn/sdk';

/** For how long what the ledger said is used. */
const FRESH_MS = 10_000;

interface ProviderRow {
  readonly account: string;
  readonly devices: readonly {
    readonly peerKey: string;
    readonly addresses: readonly string[];
    readonly expirySlot: string;
  }[];
}

interface Known {
  readonly slot: bigint;
  /** Addresses of each peer. */
  readonly peers: ReadonlyMap<PeerName, readonly string[]>;
  /** Peers of each provider, by its address. */
  readonly devices: ReadonlyMap<string, ReadonlySet<PeerName>>;
}

const NOBODY: Known = { slot: 0n, peers: new Map(), devices: new Map() };

/**
 * What providers say on the ledger about their machines, read at most every ten seconds. Empty until the ledger is
 * there: a node that joins reads it through the peers it finds.
 */
export function createLedgerDirectory(clock: Clock, ledgerOf: () => LedgerReader | null): PeerDirectory {
  let known: Promise<Known> = Promise.resolve(NOBODY);
  let newest = NOBODY;
  let atMs = Number.NEGATIVE_INFINITY;

  async function read(): Promise<Known> {
    const ledger = ledgerOf();
    if (ledger === null) return NOBODY;
    if (clock.nowMs() - atMs >= FRESH_MS) {
      atMs = clock.nowMs();
      known = fetchKnown(ledger);
      known.then(
        (found) => {
          newest = found;
        },
        () => {
          // Told to who asked; the next question asks again.
          atMs = Number.NEGATIVE_INFINITY;
        },
      );
    }
    return known;
  }

  return {
    addressesOf: async (peer) => (await read()).peers.get(peer) ?? null,
    isDeviceOf: async (peer: PeerName, provider: AccountId) =>
      (await read()).devices.get(accountIdToAddress(provider))?.has(peer) ?? false,
    slot: () => newest.slot,
    async somePeers(limit) {
      const { peers } = await read();
      return [...peers].slice(0, limit).map(([peer, addresses]): KnownPeer => ({ peer, addresses }));
    },
  };
}

async function fetchKnown(ledger: LedgerReader): Promise<Known> {
  const slot = BigInt((await ledger.query<{ slot: string }>('governance_status', {})).slot);
  const peers = new Map<PeerName, readonly string[]>();
  const devices = new Map<string, Set<PeerName>>();
  const rows = await fetchPages<ProviderRow>(ledger, 'registry_providers', {}, ({ account }) => account);
  for (const { account, devices: listed } of rows) {
    const own = new Set<PeerName>();
    for (const { peerKey, addresses, expirySlot } of listed) {
      if (BigInt(expirySlot) <= slot) continue;
      const name = nameOf(peerKey);
      if (name === null) continue;
      own.add(name);
      peers.set(name, addresses);
    }
    devices.set(account, own);
  }
  return { slot, peers, devices };
}

/** Null for bytes that are no key: the ledger does not look into them. */
function nameOf(peerKey: string): PeerName | null {
  try {
    return peerNameOf(hexToBytes(peerKey));
  } catch {
    return null;
  }
}
