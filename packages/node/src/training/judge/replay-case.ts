import { areBytesEqual, bytesToHex, type Logger } from '@cairn/core';
import type { TrainingVerdict } from '@cairn/ledger';
import type { CaseView, JudgeLedger, RoundView } from '@cairn/protocol';
import { fetchResidual, type Residual, type RunDesk, residualOf, TrainingError } from '@cairn/training';
import { NodeError } from '../../errors.ts';

export interface ReplayCaseParts {
  readonly ledger: Pick<JudgeLedger, 'paidRound'>;
  readonly desk: RunDesk;
  readonly log: Logger;
}

/**
 * Makes all inner steps of an update again, from the weights and the data that the ledger fixed, and compares the root
 * of their trace with what was committed, then the update itself. So nothing is needed of the accused, who may be gone
 * or silent; only what an earlier update left unsent, which witnesses keep.
 *
 * @returns null when it was called off
 */
export async function replayCase(
  { ledger, desk, log }: ReplayCaseParts,
  view: RoundView,
  { round: number, place, seat }: CaseView,
  signal: AbortSignal,
): Promise<TrainingVerdict | null> {
  const round = await ledger.paidRound(desk.id, number);
  const committed = round?.updates.find((each) => each.place === place)?.update;
  if (round === null || committed === undefined) return 'unavailable';
  const peers = view.roster.map(({ peer }) => peer);
  try {
    await desk.bring(view.run, round.baseRoot, peers);
  } catch (error) {
    if (!(error instanceof TrainingError) || error.code !== 'WEIGHTS_OUT_OF_REACH') throw error;
    return 'unavailable';
  }
  const before = residualOf(await ledger.paidRound(desk.id, number - 1), seat);
  const left = before.kind === 'list' ? await bringResidual(desk, before.id, peers) : before.kind;
  // Committing to what is no residual adds nothing to the next update: everybody who has it sees the same.
  const isUpdateKnown = left !== 'forgotten';
  const replayed = await desk.compute.train(
    {
      base: bytesToHex(round.baseRoot),
      run: desk.id,
      round: number,
      firstBatch: Number(round.dataStart) + place * desk.manifest.inner.steps,
      halvings: round.halvings,
      steps: committed.steps,
      residual: before.kind === 'list' && left === 'list' ? before.id : null,
    },
    { signal },
  );
  if ('paused' in replayed) return null;
  const isTraceEqual = areBytesEqual(replayed.traceRoot, committed.traceRoot);
  const isUpdateEqual =
    !isUpdateKnown || bytesToHex(desk.sha256(replayed.update)) === bytesToHex(committed.payload);
  log.info('steps replayed', {
    round: number,
    place,
    steps: committed.steps,
    isTraceEqual,
    isUpdateKnown,
    isUpdateEqual,
  });
  return isTraceEqual && isUpdateEqual ? 'honest' : 'guilty';
}

/** @returns forgotten where nobody has it; none when it is nothing that an update can leave */
async function bringResidual(
  desk: RunDesk,
  list: string,
  peers: readonly string[],
): Promise<Residual['kind']> {
  try {
    return (await fetchResidual(desk, list, peers)) ? 'list' : 'none';
  } catch (error) {
    if (error instanceof NodeError && error.code === 'BLOB_NOT_FETCHED') return 'forgotten';
    throw error;
  }
}
