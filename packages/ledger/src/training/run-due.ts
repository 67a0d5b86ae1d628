import { bytesToHex } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import { keepRun, wakeRun } from './agenda.ts';
import { placesOf } from './bitmap.ts';
import { decideCase } from './cases/decide-case.ts';
import { trainingSlot } from './clock.ts';
import { closeShow, closeTraining } from './close-phases.ts';
import { endRun, sendAway } from './end-run.ts';
import { forgetRounds } from './forget-rounds.ts';
import { countJudges } from './judges.ts';
import { MAX_FORGOTTEN } from './limits.ts';
import { openRound } from './open-round.ts';
import { releaseSeats } from './release-seats.ts';
import { type Round, rounds } from './round.ts';
import { members, openRunsCell, type Run, runs } from './run.ts';
import { agreedOutcome, settleRound } from './settle-round.ts';
import { isVestDue, vestRound } from './vest.ts';

/** Most cases of a run decided in one block. */
const MAX_DECIDED = 4;

/**
 * Moves the runs on whose slot has come, those that wait longest first and at most `trainingRunsPerBlock`; the others
 * in the next block. After the transactions, so that the last update of a phase counts.
 *
 * Cost for each run: one phase, one vesting round, four cases, 32 released seats and four forgotten rounds.
 */
export function moveRuns(context: BlockContext): void {
  const { state, parameters } = context;
  const now = trainingSlot(state);
  const due = openRunsCell
    .get(state)
    .filter(({ dueSlot }) => dueSlot <= now)
    .sort((one, other) => (one.dueSlot === other.dueSlot ? 0 : one.dueSlot < other.dueSlot ? -1 : 1))
    .slice(0, Number(parameters.trainingRunsPerBlock));
  for (const { run: id } of due) {
    const { run, isMore } = moveRun(context, id, runs.get(state, bytesToHex(id))!);
    keepRun(state, id, run);
    if (isMore) wakeRun(state, id);
  }
}

function moveRun(
  context: BlockContext,
  id: Uint8Array,
  run: Run,
): { readonly run: Run; readonly isMore: boolean } {
  let next = decideCases(context, id, run);
  if (isVestDue(context, id, next)) next = vestRound(context, id, next);
  next = movePhase(context, id, next);
  if (next.phase === 'cooldown') next = openRound(context, id, next);
  const areMoreSent = sendAway(context, id, next);
  const areMoreFree = releaseSeats(context, id, next);
  const forgot = forgetRounds(context, id, next);
  const isMore = areMoreSent || areMoreFree || forgot.keptRound - next.keptRound === MAX_FORGOTTEN;
  return { run: isMore ? forgot : endRun(context, id, forgot), isMore };
}

function decideCases(context: BlockContext, id: Uint8Array, run: Run): Run {
  const { state } = context;
  const now = trainingSlot(state);
  const due = members
    .get(state, bytesToHex(id))!
    .openCases.filter(({ dueSlot }) => dueSlot <= now)
    .slice(0, MAX_DECIDED);
  return due.reduce((next, { number }) => decideCase(context, id, next, number), run);
}

/** Ends the phase that is over, at its deadline or because everybody has done their part. */
function movePhase(context: BlockContext, id: Uint8Array, run: Run): Run {
  const round = rounds.get(context.state, bytesToHex(id));
  if (round === undefined) return run;
  const isLate = round.deadlineSlot <= trainingSlot(context.state);
  if (!isLate && !isPhaseDone(context, id, run, round)) return run;
  if (run.phase === 'train') return closeTraining(context, id, run);
  if (run.phase === 'show') return closeShow(context, id, run);
  return settleRound(context, id, run);
}

/** Whether nothing is missing in a phase: all updates, all bitmaps and commits, all scores and an outcome. */
export function isPhaseDone(context: BlockContext, id: Uint8Array, run: Run, round: Round): boolean {
  const { roster, committed, witnesses, witnessed, judges, scored, revealed } = round;
  if (run.phase === 'train') return placesOf(committed).length === roster.length;
  if (run.phase === 'show')
    return placesOf(witnessed).length === witnesses.length && countJudges(scored) === judges.length;
  return revealed === scored && agreedOutcome(context, id, round) !== null;
}
