import { join } from 'node:path';
import type { PeerName } from '@cairn/protocol';
import { openRecordStore } from '../../data/record-store.ts';
import { openDoor } from '../../peers/door.ts';
import { listenOn, unreached } from '../../peers/door-settings.ts';
import { createNodePeers } from '../../peers/node-peers.ts';
import type { NodeParts } from '../../roles/parts.ts';
import { LIBRARY } from '../run/folder-place.ts';
import { openRunPlace, type RunPlace } from '../run/run-place.ts';

/** A machine of a run as far as its peers can tell: a libp2p host of its own, a library on disk, a thread that computes. */
export interface LoopbackPeer extends AsyncDisposable {
  readonly place: RunPlace;
  /** Multiaddrs, as others dial them. */
  readonly addresses: readonly string[];
}

export interface LoopbackPeerOptions {
  readonly folder: string;
  /** Multiaddrs of those that are there already. */
  readonly known: readonly string[];
  readonly donors: readonly PeerName[];
  readonly threads: number;
}

/** Listens on a free port of 127.0.0.1 and joins those it knows. @throws NetworkError `LISTEN_FAILED`, `NO_PEER_REACHED` */
export async function openLoopbackPeer(
  parts: NodeParts,
  { folder, known, donors, threads }: LoopbackPeerOptions,
): Promise<LoopbackPeer> {
  await using stack = new AsyncDisposableStack();
  const door = stack.use(
    await openDoor(parts, {
      identity: parts.random.bytes(32),
      chainId: parts.chainId,
      settings: { ...unreached('private'), listen: listenOn('127.0.0.1:0') },
      peers: known,
      mayBeAlone: known.length === 0,
    }),
  );
  const place = stack.use(
    openRunPlace(parts, {
      folder: join(folder, 'blobs'),
      records: openRecordStore(join(folder, 'records')),
      transport: createNodePeers(door).join(LIBRARY),
      donors: () => donors,
      choice: { threads },
    }),
  );
  const running = stack.move();
  return { place, addresses: door.addresses, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
