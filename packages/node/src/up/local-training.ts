import { join } from 'node:path';
import { createRunLedger } from '@cairn/sdk';
import type { ReleaseType } from '@cairn/training';
import type { Settings } from '../config/table.ts';
import type { DataFolder } from '../data/data-folder.ts';
import type { NodePeers } from '../peers/node-peers.ts';
import type { NodeParts } from '../roles/parts.ts';
import type { RpcMethod } from '../rpc/method.ts';
import { createMadeRuns, type MadeRuns } from '../training/create/made-runs.ts';
import { startJudging } from '../training/judge/judge-runs.ts';
import { refusalsMethod } from '../training/judge/refusals-method.ts';
import { type ExportedRun, exportRun } from '../training/publisher/export-run.ts';
import { startPublishing } from '../training/publisher/publish-runs.ts';
import { engineOf } from '../training/run/engine-choice.ts';
import { openFolderPlace } from '../training/run/folder-place.ts';
import type { RunPlace } from '../training/run/run-place.ts';
import type { LocalAccounts } from './bootstrap.ts';
import { LOCAL_VALIDATORS } from './plan.ts';
import type { ServedModels } from './served-models.ts';

export interface LocalTrainingParts {
  readonly parts: NodeParts;
  readonly folder: DataFolder;
  readonly accounts: LocalAccounts;
  readonly peers: NodePeers;
  readonly settings: Settings;
  readonly served: Pick<ServedModels, 'serve' | 'withdraw'>;
}

/** What a local network does for training: its validators judge, its owner creates runs and releases their models. */
export interface LocalTraining extends AsyncDisposable {
  readonly place: RunPlace;
  readonly runs: MadeRuns;
  /** What anybody may ask of its validators. */
  readonly publicMethods: readonly RpcMethod[];
  /** Writes the weights of a run after its latest round into a folder. @throws NodeError `RUN_UNKNOWN`, `BLOB_NOT_FETCHED` */
  exportRun(run: string, folder: string, types: readonly ReleaseType[]): Promise<ExportedRun>;
}

export function startLocalTraining({
  parts,
  folder,
  accounts,
  peers,
  settings,
  served,
}: LocalTrainingParts): LocalTraining {
  const stack = new AsyncDisposableStack();
  const choice = engineOf(settings);
  const place = stack.use(openFolderPlace(parts, folder, peers, () => [], choice));
  const ledger = createRunLedger({ ...parts, client: accounts.owner });
  const runs = createMadeRuns({
    ...{ ...parts, ledger, chain: parts.ledger, place, choice },
    log: parts.log.child('runs'),
    folder: join(folder.path, 'training', 'runs'),
  });
  for (const { name } of LOCAL_VALIDATORS) {
    const client = accounts.workers.get(name)!.hotkey;
    stack.use(startJudging(parts, parts.log.child(name), { client, place }));
  }
  stack.use(
    startPublishing(parts, parts.log.child('publisher'), {
      ...{ client: accounts.owner, place, runs, served },
      folder: join(folder.path, 'training', 'releases'),
    }),
  );
  return {
    ...{ place, runs, publicMethods: [refusalsMethod({ ledger, records: place.records })] },
    async exportRun(run, to, types) {
      const desk = await place.desk(ledger, run, parts.log.child('export'));
      const { records } = place;
      const recipe = await runs.recipeOf(run);
      return exportRun({ ledger, chain: parts.ledger, records, desk, recipe }, to, types);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
