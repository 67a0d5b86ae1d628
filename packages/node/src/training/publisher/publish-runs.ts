import { areBytesEqual, bytesToHex, hexToBytes, type Logger } from '@cairn/core';
import type { RoundView, RunView } from '@cairn/protocol';
import { type AccountClient, createRunLedger } from '@cairn/sdk';
import { followRun } from '@cairn/training';
import type { NodeParts } from '../../roles/parts.ts';
import type { ServedModels } from '../../up/served-models.ts';
import type { MadeRuns } from '../create/made-runs.ts';
import type { RunPlace } from '../run/run-place.ts';
import { watchRuns } from '../run/watch-runs.ts';
import { countUpdates } from './count-updates.ts';
import { createPublisher } from './publisher.ts';

export interface PublishRunsOptions {
  /** Of the owner of the runs. */
  readonly client: AccountClient;
  readonly place: RunPlace;
  readonly runs: MadeRuns;
  readonly served: Pick<ServedModels, 'serve' | 'withdraw'>;
  /** Where the files of releases are kept. */
  readonly folder: string;
}

/** Releases the checkpoints of every run that this node created. */
export function startPublishing(parts: NodeParts, log: Logger, options: PublishRunsOptions): AsyncDisposable {
  const { client, place, runs, served, folder } = options;
  const ledger = createRunLedger({ ...parts, client });
  const isOwn = async (run: RunView) => areBytesEqual(run.owner, client.account);
  return watchRuns(parts, log, { ledger, library: place.library, isWanted: isOwn }, (run, signal) => {
    const name = bytesToHex(run.id);
    const { records } = place;
    let publisher: ReturnType<typeof createPublisher> | null = null;
    let counted = 0;
    const act = async (view: RoundView) => {
      if (view.run.round !== counted) {
        await countUpdates({ chain: parts.ledger, records }, name);
        counted = view.run.round;
      }
      if (view.run.checkpointRound === 0) return;
      if (publisher === null) {
        const recipe = await runs.recipeOf(name);
        if (recipe === null) return;
        const desk = await place.desk(ledger, name, log);
        publisher = createPublisher({
          ...parts,
          chain: parts.ledger,
          ledger,
          records,
          client,
          desk,
          recipe,
          served,
          folder,
          log,
        });
      }
      await publisher.act(view);
    };
    return followRun({ ...parts, ledger, log }, hexToBytes(name), act, signal);
  });
}
