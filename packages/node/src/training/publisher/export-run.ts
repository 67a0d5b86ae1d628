import { bytesToHex } from '@cairn/core';
import type { RunReader } from '@cairn/protocol';
import type { ReleaseType } from '@cairn/training';
import { NodeError } from '../../errors.ts';
import type { RunDesk } from '../run/run-place.ts';
import type { ReleasedCheckpoint } from '../run/run-thread-shapes.ts';
import { type ReleaseFactsParts, releaseFactsOf } from './release-facts.ts';

export interface ExportedRun {
  readonly folder: string;
  /** The latest round that is in the weights. */
  readonly round: number;
  readonly files: ReleasedCheckpoint['files'];
}

/** Writes the weights of a run after its latest round: whatever was released, and whoever created it. */
export async function exportRun(
  parts: ReleaseFactsParts & { readonly ledger: RunReader; readonly desk: RunDesk },
  folder: string,
  types: readonly ReleaseType[],
): Promise<ExportedRun> {
  const { ledger, desk } = parts;
  const view = await ledger.round(desk.id);
  if (view === null)
    throw new NodeError({ code: 'RUN_UNKNOWN', run: desk.name }, `There is no training run ${desk.name}.`);
  const { run } = view;
  await desk.bring(
    run,
    run.root,
    view.roster.map(({ peer }) => peer),
  );
  const round = run.round - 1;
  const facts = await releaseFactsOf(parts, run, round, run.root);
  const { files } = await desk.compute.release({ root: bytesToHex(run.root), folder, facts, types });
  return { folder, round, files };
}
