import { bytesToHex } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import { EMPTY_BITMAP } from './bitmap.ts';
import { trainingSlot } from './clock.ts';
import { roundVoid } from './events.ts';
import { LOSS_NOT_MEASURED } from './limits.ts';
import { paidRounds, roundKey } from './paid-round.ts';
import { isLastDone, isLogFull, keepCheckpoint } from './roll-back.ts';
import { judgeKey, outcomes, placeKey, type Round, rounds, scorings, updates, witnessings } from './round.ts';
import type { Run } from './run.ts';

/** Deletes what only the open round needs. At most 32 judges and 32 witnesses. */
export function forgetVotes({ state }: BlockContext, id: Uint8Array, round: Round): void {
  for (const judge of round.judges.keys()) {
    scorings.delete(state, judgeKey(id, judge));
    outcomes.delete(state, judgeKey(id, judge));
  }
  for (const place of round.witnesses) witnessings.delete(state, judgeKey(id, place));
  rounds.delete(state, bytesToHex(id));
}

/** Ends a round that changes no weights: nothing is paid, what it reserved returns to the pool. */
export function voidRound(context: BlockContext, id: Uint8Array, run: Run, round: Round): Run {
  const { state } = context;
  forgetVotes(context, id, round);
  for (const place of round.roster.keys()) updates.delete(state, placeKey(id, round.round, place));
  const now = trainingSlot(state);
  paidRounds.set(state, roundKey(id, round.round), {
    seed: round.seed,
    mixedSalts: round.mixedSalts,
    baseRoot: round.baseRoot,
    newRoot: round.baseRoot,
    dataStart: round.dataStart,
    halvings: round.halvings,
    evalLoss: LOSS_NOT_MEASURED,
    settledSlot: now,
    vestSlot: now,
    isVested: false,
    isVoid: true,
    reward: round.reward,
    committed: round.committed,
    available: EMPTY_BITMAP,
    counted: EMPTY_BITMAP,
    accepted: EMPTY_BITMAP,
    lines: [],
    judges: [],
  });
  roundVoid(context, id, round);
  const next: Run = {
    ...run,
    phase: 'cooldown',
    reason: 'none',
    pool: run.pool + round.reward,
    round: run.round + 1,
    dataStart: run.dataStart + BigInt(round.roster.length * run.terms.innerSteps),
    voidRounds: run.voidRounds + 1,
  };
  const isDue = isLogFull(next) || (isLastDone(next) && next.rising === 0);
  return isDue ? keepCheckpoint(next) : next;
}
