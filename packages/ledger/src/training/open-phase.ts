import { bytesToHex } from '@cairn/core';
import type { MessageContext } from '../execution/context.ts';
import { problem, type TransactionProblem } from '../execution/message.ts';
import { wakeRun } from './agenda.ts';
import { trainingSlot } from './clock.ts';
import { hasJudge, placeOfJudge } from './judges.ts';
import { notInRound, notRoundJudge, phaseWrong, roundWrong, runUnknown, seatUnknown } from './problems.ts';
import { type Round, rounds } from './round.ts';
import { type Run, type RunPhase, runs } from './run.ts';
import { isPhaseDone } from './run-due.ts';
import { deviceKey, devices } from './seat.ts';

interface Named {
  readonly run: Uint8Array;
  readonly round: number;
}

/** The open round, when it is the one that is named and in the phase that is needed. */
export function openPhase(
  { state }: MessageContext,
  { run: id, round: number }: Named,
  phase: RunPhase,
): { readonly run: Run; readonly round: Round } | TransactionProblem {
  const hex = bytesToHex(id);
  const run = runs.get(state, hex);
  if (run === undefined) return runUnknown(id);
  if (run.round !== number) return roundWrong(number, run.round);
  const round = rounds.get(state, hex);
  if (round === undefined || run.phase !== phase) return phaseWrong(run.phase, phase);
  if (trainingSlot(state) < round.deadlineSlot) return { run, round };
  return problem(
    'PHASE_OVER',
    `The phase "${phase}" of round ${number} ended at slot ${round.deadlineSlot} of the run's clock.`,
  );
}

/** The place of the sender's machine in the open round. */
export function placeOfSender(
  { state, sender }: MessageContext,
  id: Uint8Array,
  round: Round,
): { readonly place: number; readonly seat: number } | TransactionProblem {
  const seat = devices.get(state, deviceKey(id, sender))?.seat;
  if (seat === undefined) return seatUnknown(id, sender);
  const place = round.roster.indexOf(seat);
  return place < 0 ? notInRound(sender, round.round) : { place, seat };
}

/** The sender's place among the judges of the open round. */
export function judgeOfSender({ sender }: MessageContext, round: Round): number | TransactionProblem {
  const judge = placeOfJudge(round.judges, sender);
  return judge < 0 ? notRoundJudge(sender) : judge;
}

/** Refuses a second word of a judge. */
export function alreadyDone(set: number, judge: number, what: string): TransactionProblem | null {
  return hasJudge(set, judge) ? problem('ALREADY_DONE', `This validator has ${what} in this round.`) : null;
}

/** Writes the open round; has it moved on in this block when that was the last that was missing. */
export function keepRound(context: MessageContext, id: Uint8Array, run: Run, round: Round): void {
  rounds.set(context.state, bytesToHex(id), round);
  if (isPhaseDone(context, id, run, round)) wakeRun(context.state, id);
}
