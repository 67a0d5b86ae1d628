import { join } from 'node:path';
import {
  type MissingTransport,
  type Network,
  NetworkError,
  type NetworkParts,
  openNetwork,
  type PeerDirectory,
  peerKeyOf,
  type Reach,
} from '@cairn/network';
import type { Transport } from '@cairn/protocol';
import type { DataFolder } from '../data/data-folder.ts';
import { openRecordStore } from '../data/record-store.ts';
import { openRoleSeed } from '../data/role-keys.ts';
import type { NodeParts } from '../roles/parts.ts';
import type { OwnDevice } from '../sealing/ledger-keys.ts';
import { type DoorSettings, listenOn } from './door-settings.ts';
import { createLedgerDirectory } from './ledger-directory.ts';

/** Name of the role whose key is the node's among peers. */
export const NODE_ROLE = 'node';

/** This node as a peer of others. */
export interface Door extends AsyncDisposable {
  readonly transport: Transport;
  /** Multiaddrs with the node's name, as others dial them; they change as the node learns how it is reached. */
  readonly addresses: readonly string[];
  /** Whether others can dial the node, and which transports this machine lacks. */
  reach(): NodeReach;
  /** As a provider names it on the ledger. */
  readonly device: OwnDevice;
}

/** How others reach a node, and what it does for them. */
export interface NodeReach extends Reach {
  readonly missing: readonly MissingTransport[];
  /** Addresses that it was told to tell others. */
  readonly announced: readonly string[];
  readonly scope: DoorSettings['scope'];
  /** Limits of the relay that it is to others; null when it is none. */
  readonly relay: {
    /** Nodes that may be reached through it, and how many are. */
    readonly places: number;
    readonly held: number;
    /** What one connection may carry each way. */
    readonly bytes: number;
    readonly durationMs: number;
  } | null;
}

export interface DoorOptions {
  /** Seed of the node's key among peers: its name survives restarts. */
  readonly identity: Uint8Array;
  readonly chainId: Uint8Array;
  readonly settings: DoorSettings;
  /** Multiaddrs of nodes to begin with. */
  readonly peers: readonly string[];
  /** What the ledger says about peers. */
  readonly directory?: PeerDirectory;
  /** A node that keeps the ledger goes on when it reaches nobody. @default false */
  readonly mayBeAlone?: boolean;
  /** Where addresses that worked are remembered. @default nowhere */
  readonly folder?: string;
}

export type DoorParts = Pick<NodeParts, 'clock' | 'timer' | 'crypto' | 'log'>;

/**
 * Opens the node to its peers and joins those it is told of.
 *
 * @throws NetworkError `LISTEN_FAILED`, and `NO_PEER_REACHED` with each address and why
 */
export async function openDoor(parts: DoorParts, options: DoorOptions): Promise<Door> {
  await using stack = new AsyncDisposableStack();
  const cache =
    options.folder === undefined ? null : stack.use(openRecordStore(join(options.folder, 'peers')));
  const opened: NetworkParts = {
    ...parts,
    log: parts.log.child('peers'),
    identity: options.identity,
    ...(options.directory === undefined ? {} : { directory: options.directory }),
    ...(cache === null ? {} : { cache }),
  };
  const { listen, announce, via, isRelay, scope, isUsualPort } = options.settings;
  const open = (on: readonly string[]) =>
    openNetwork(opened, {
      ...{ chainId: options.chainId, listen: on, bootstrap: options.peers },
      ...{ announce, relays: via, relayServer: isRelay, scope },
    });
  const network = stack.use(
    await open(listen).catch((error: unknown) => {
      // The usual port may be another node's of this machine; one that was asked for is not exchanged.
      if (!isUsualPort) throw error;
      parts.log.warn('the usual port of peers is taken, a free one is used', { listen });
      return open(listenOn('127.0.0.1:0'));
    }),
  );
  if (via.length > 0 && network.reach().relays.length === 0)
    parts.log.warn('no relay that was named has a place for this node', { via });
  await joinPeers(parts, network, options.mayBeAlone === true);
  const owned = stack.move();
  return {
    transport: network,
    get addresses() {
      return network.addresses();
    },
    reach: () => ({
      ...network.reach(),
      missing: network.missing,
      announced: announce,
      scope,
      relay: relayOf(network),
    }),
    device: {
      peerKey: peerKeyOf(network.peer)!,
      get addresses() {
        return network.addresses();
      },
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function relayOf(network: Network): NodeReach['relay'] {
  const lent = network.lent();
  if (lent === null) return null;
  const { reservations, held, bytes, durationMs } = lent;
  return { places: reservations, held, bytes: Number(bytes), durationMs };
}

async function joinPeers(parts: DoorParts, network: Network, mayBeAlone: boolean): Promise<void> {
  try {
    await network.join();
  } catch (error) {
    if (!mayBeAlone || !(error instanceof NetworkError) || error.code !== 'NO_PEER_REACHED') throw error;
    parts.log.warn('no peer that the ledger names was reached', { reason: error.message });
  }
}

/** The door of a node that keeps the ledger itself. */
export async function openNodeDoor(
  parts: NodeParts,
  folder: DataFolder,
  settings: DoorSettings,
): Promise<Door> {
  return openDoor(parts, {
    identity: await openRoleSeed(folder, NODE_ROLE, 'peer'),
    chainId: parts.chainId,
    settings,
    peers: [],
    mayBeAlone: true,
    directory: createLedgerDirectory(parts.clock, () => parts.ledger),
    folder: folder.path,
  });
}
