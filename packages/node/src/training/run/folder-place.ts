import { join } from 'node:path';
import type { PeerName } from '@cairn/protocol';
import type { DataFolder } from '../../data/data-folder.ts';
import { openRecordStore } from '../../data/record-store.ts';
import type { NodePeers } from '../../peers/node-peers.ts';
import type { NodeParts } from '../../roles/parts.ts';
import type { EngineChoice } from './engine-choice.ts';
import { openRunPlace, type RunPlace } from './run-place.ts';

/** Name of the seat among peers at which a node's library is asked. */
export const LIBRARY = 'library';

/** Bytes that training runs may take of a node's disk. */
const MAX_BYTES = 16 * 1024 ** 3;

/** What a node has for training runs, in its data folder. */
export function openFolderPlace(
  parts: NodeParts,
  folder: DataFolder,
  peers: NodePeers,
  donors: () => readonly PeerName[],
  choice: EngineChoice,
): RunPlace {
  return openRunPlace(parts, {
    folder: join(folder.path, 'training', 'blobs'),
    records: openRecordStore(folder.rolePath(LIBRARY)),
    transport: peers.join(LIBRARY),
    ...{ donors, choice },
    maxBytes: MAX_BYTES,
  });
}
