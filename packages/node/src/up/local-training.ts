import { join } from 'node:path';
import { createRunLedger } from '@cairn/sdk';
import type { DataFolder } from '../data/data-folder.ts';
import { openRecordStore } from '../data/record-store.ts';
import type { NodePeers } from '../peers/node-peers.ts';
import type { NodeParts } from '../roles/parts.ts';
import { createMadeRuns, type MadeRuns } from '../training/create/made-runs.ts';
import { startJudging } from '../training/judge/judge-runs.ts';
import { startPublishing } from '../training/publisher/publish-runs.ts';
import { openRunPlace, type RunPlace } from '../training/run/run-place.ts';
import type { LocalAccounts } from './bootstrap.ts';
import { LOCAL_VALIDATORS } from './plan.ts';
import type { ServedModels } from './served-models.ts';

/** Name of the seat among peers at which a node's library is asked. */
export const LIBRARY = 'library';

/** Bytes that training runs may take of a node's disk. */
const MAX_BYTES = 16 * 1024 ** 3;

export interface LocalTrainingParts {
  readonly parts: NodeParts;
  readonly folder: DataFolder;
  readonly accounts: LocalAccounts;
  readonly peers: NodePeers;
  readonly netuid: number;
  readonly served: Pick<ServedModels, 'serve' | 'withdraw'>;
}

/** What a local network does for training: its validators judge, its owner creates runs and releases their models. */
export interface LocalTraining extends AsyncDisposable {
  readonly place: RunPlace;
  readonly runs: MadeRuns;
}

/** The place of a node's training roles in its data folder. */
export function openFolderPlace(
  parts: NodeParts,
  folder: DataFolder,
  peers: NodePeers,
  donors: () => readonly string[],
): RunPlace {
  return openRunPlace(parts, {
    folder: join(folder.path, 'training', 'blobs'),
    records: openRecordStore(folder.rolePath(LIBRARY)),
    transport: peers.join(LIBRARY),
    donors,
    maxBytes: MAX_BYTES,
  });
}

export function startLocalTraining({
  parts,
  folder,
  accounts,
  peers,
  netuid,
  served,
}: LocalTrainingParts): LocalTraining {
  const stack = new AsyncDisposableStack();
  const place = stack.use(openFolderPlace(parts, folder, peers, () => []));
  const ledger = createRunLedger({ ...parts, client: accounts.owner });
  const runs = createMadeRuns({
    ...{ ...parts, ledger },
    library: place.library,
    folder: join(folder.path, 'training', 'runs'),
  });
  for (const { name } of LOCAL_VALIDATORS) {
    const client = accounts.workers.get(name)!.hotkey;
    stack.use(startJudging(parts, parts.log.child(name), { netuid, client, place }));
  }
  stack.use(
    startPublishing(parts, parts.log.child('publisher'), {
      ...{ client: accounts.owner, place, runs, served },
      folder: join(folder.path, 'training', 'releases'),
    }),
  );
  return { place, runs, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
