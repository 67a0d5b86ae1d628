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
import { SETTINGS, type Settings } from '../config/table.ts';
import type { DataFolder } from '../data/data-folder.ts';
import { openRecordStore } from '../data/record-store.ts';
import { openRoleSeed } from '../data/role-keys.ts';
import { NodeError } from '../errors.ts';
import type { NodeParts } from '../roles/parts.ts';
import type { OwnDevice } from '../sealing/ledger-keys.ts';
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

/** How others reach a node. */
export type NodeReach = Reach & { readonly missing: readonly MissingTransport[] };

export interface DoorOptions {
  /** Seed of the node's key among peers: its name survives restarts. */
  readonly identity: Uint8Array;
  readonly chainId: Uint8Array;
  /** `host:port`; empty: it listens nowhere. */
  readonly listen: string;
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
 * @throws NodeError `CONFIG_INVALID`. NetworkError `LISTEN_FAILED`, and `NO_PEER_REACHED` with each address and why
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
  const open = (listen: readonly string[]) =>
    openNetwork(opened, { chainId: options.chainId, listen, bootstrap: options.peers });
  const network = stack.use(
    await open(listenOn(options.listen)).catch((error: unknown) => {
      // The usual port may be another node's of this machine; one that was asked for is not exchanged.
      if (options.listen !== SETTINGS.p2pListen.initial) throw error;
      parts.log.warn('the usual port of peers is taken, a free one is used', { listen: options.listen });
      return open(listenOn('127.0.0.1:0'));
    }),
  );
  await joinPeers(parts, network, options.mayBeAlone === true);
  const owned = stack.move();
  return {
    transport: network,
    get addresses() {
      return network.addresses();
    },
    reach: () => ({ ...network.reach(), missing: network.missing }),
    device: {
      peerKey: peerKeyOf(network.peer)!,
      get addresses() {
        return network.addresses();
      },
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
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
  { p2pListen }: Pick<Settings, 'p2pListen'>,
): Promise<Door> {
  return openDoor(parts, {
    identity: await openRoleSeed(folder, NODE_ROLE, 'peer'),
    chainId: parts.chainId,
    listen: p2pListen,
    peers: [],
    mayBeAlone: true,
    directory: createLedgerDirectory(parts.clock, () => parts.ledger),
    folder: folder.path,
  });
}

/**
 * TCP and QUIC at the port; WebRTC, which cannot share one with QUIC, at the next.
 *
 * @throws NodeError `CONFIG_INVALID`
 */
function listenOn(given: string): string[] {
  if (given === '') return [];
  const match = /^(?:\[([0-9a-f:]+)\]|([0-9.]+)|localhost):(\d{1,5})$/i.exec(given);
  if (match === null || Number(match[3]) > 65_535) {
    throw new NodeError(
      { code: 'CONFIG_INVALID', key: 'p2pListen', value: given },
      `p2pListen ${given} is not an address and a port, such as 127.0.0.1:8471 or [::1]:8471.`,
    );
  }
  const [, six, four = '127.0.0.1'] = match;
  const port = Number(match[3]);
  const next = port === 0 || port === 65_535 ? 0 : port + 1;
  const host = six === undefined ? `/ip4/${four}` : `/ip6/${six}`;
  return [`${host}/tcp/${port}`, `${host}/udp/${port}/quic-v1`, `${host}/udp/${next}/webrtc-direct`];
}
