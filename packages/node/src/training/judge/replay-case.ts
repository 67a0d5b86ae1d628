import { areBytesEqual, bytesToHex, type Logger } from '@cairn/core';
import type { TrainingVerdict } from '@cairn/ledger';
import {
  type CaseView,
  hasPlace,
  type JudgeLedger,
  type PaidRoundView,
  type RoundView,
} from '@cairn/protocol';
import {
  bringStart,
  fetchResidual,
  placesOfRound,
  type Residual,
  type RunDesk,
  residualOf,
  TrainingError,
  type TrainPlace,
} from '@cairn/training';
import { NodeError } from '../../errors.ts';

const NOTHING = '0'.repeat(64);

export interface ReplayCaseParts {
  readonly ledger: Pick<JudgeLedger, 'paidRound'>;
  readonly desk: RunDesk;
  readonly log: Logger;
}

/**
 * Makes all inner steps of an update again, from the weights and the data that the ledger fixed, and compares. So
 * nothing is needed of the accused, who may be gone or silent; only what updates left unsent, which witnesses keep.
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
  const last = await ledger.paidRound(desk.id, number - 1);
  const seats = round.lines.map((line) => line.seat);
  const { firstBatch, start } = placesOfRound(desk.manifest, { ...round, seats }, last)[place]!;
  try {
    await desk.bring(view.run, round.baseRoot, peers);
    if (!(await isFetched(() => bringStart(desk, view, start)))) return 'unavailable';
  } catch (error) {
    if (!(error instanceof TrainingError) || error.code !== 'WEIGHTS_OUT_OF_REACH') throw error;
    return 'unavailable';
  }
  const before = residualOf(last, seat);
  const left = before.kind === 'list' ? await bringResidual(desk, before.id, peers, number - 1) : before.kind;
  // Committing to what is no residual adds nothing to the next update: everybody who has it sees the same.
  const isUpdateKnown = left !== 'forgotten';
  const task = {
    base: bytesToHex(round.baseRoot),
    run: desk.id,
    round: number,
    seat,
    ...{ firstBatch, start },
    halvings: round.halvings,
    steps: committed.steps,
    residual: before.kind === 'list' && left === 'list' ? before.id : null,
  };
  const asked = { desk, log, peers, committed, isUpdateKnown, wasShown: wasHeld(last, seat), task };
  return desk.manifest.tolerance === undefined ? replayExactly(asked, signal) : replayWithin(asked, signal);
}

interface Asked {
  readonly desk: RunDesk;
  readonly log: Logger;
  readonly peers: readonly string[];
  readonly committed: CommittedUpdate;
  /** Whether everything that the update was made of can be had. */
  readonly isUpdateKnown: boolean;
  /** Whether enough witnesses had what the update before left unsent. */
  readonly wasShown: boolean;
  readonly task: TrainPlace & { readonly steps: number };
}

type CommittedUpdate = PaidRoundView['updates'][number]['update'];

/** To the bit: the trace, and the update with what it left unsent. */
async function replayExactly(
  { desk, log, committed, isUpdateKnown, wasShown, task }: Asked,
  signal: AbortSignal,
): Promise<TrainingVerdict | null> {
  const replayed = await desk.compute.train(task, { signal });
  if ('paused' in replayed) return null;
  const left = replayed.residual === null ? NOTHING : bytesToHex(desk.sha256(replayed.residual.list));
  const isTraceEqual = areBytesEqual(replayed.traceRoot, committed.traceRoot);
  const isUpdateEqual =
    !isUpdateKnown ||
    (bytesToHex(desk.sha256(replayed.update)) === bytesToHex(committed.payload) &&
      left === bytesToHex(committed.residualRoot));
  log.info('steps replayed', {
    ...{ round: task.round, steps: task.steps },
    ...{ isTraceEqual, isUpdateKnown, isUpdateEqual },
  });
  // Who never showed it could send anything now: only what witnesses had and lost is nobody's fault.
  if (isTraceEqual && !isUpdateKnown && !wasShown) return 'unavailable';
  return isTraceEqual && isUpdateEqual ? 'honest' : 'guilty';
}

/** Whether enough witnesses held what a seat committed to in a round, what it left unsent included. */
function wasHeld(round: PaidRoundView | null, seat: number): boolean {
  const place = round?.lines.findIndex((line) => line.seat === seat) ?? -1;
  return round !== null && place >= 0 && hasPlace(round.available, place);
}

/** Within the bounds of the run: only the change that the steps made may differ, and only so far. */
async function replayWithin(
  { desk, log, peers, committed, isUpdateKnown, task }: Asked,
  signal: AbortSignal,
): Promise<TrainingVerdict | null> {
  const update = bytesToHex(committed.payload);
  const left = bytesToHex(committed.residualRoot);
  const isHere =
    isUpdateKnown &&
    (await isFetched(() =>
      desk.fetch([{ id: update, maxBytes: committed.sizeBytes }], peers, {
        round: task.round,
        use: 'weights',
      }),
    )) &&
    (await bringResidual(desk, left, peers, task.round)) !== 'forgotten';
  if (!isHere) return 'unavailable';
  const claimed = { update, residual: left === NOTHING ? null : left };
  const found = await desk.compute.compare({ ...task, claimed }, { signal });
  if (found === null) return null;
  const { comparison, isWithin, engines } = found;
  log.info('steps replayed within bounds', {
    ...{ round: task.round, steps: task.steps, isWithin, engines: engines.length },
    ...(comparison.kind === 'apart' ? comparison.distance : { reason: comparison.reason }),
  });
  return isWithin ? 'honest' : 'guilty';
}

/** @returns forgotten where nobody has it; none when it is nothing that an update can leave */
async function bringResidual(
  desk: RunDesk,
  list: string,
  peers: readonly string[],
  round: number,
): Promise<Residual['kind']> {
  let isOne = false;
  const isThere = await isFetched(async () => {
    isOne = await fetchResidual(desk, list, peers, round);
  });
  if (!isThere) return 'forgotten';
  return isOne ? 'list' : 'none';
}

/** Whether somebody has it. A copy that is damaged here is a TrainingError: the case is tried again with another copy. */
async function isFetched(fetch: () => Promise<void>): Promise<boolean> {
  try {
    await fetch();
    return true;
  } catch (error) {
    if (error instanceof NodeError && error.code === 'BLOB_NOT_FETCHED') return false;
    throw error;
  }
}
