import { bytesToHex } from '@cairn/core';
import { credit, releaseDeposit } from '../accounts/money.ts';
import type { BlockContext } from '../execution/context.ts';
import { runEnded } from './events.ts';
import { members, type Run } from './run.ts';
import { seatKey, seats } from './seat.ts';
import { takePlace } from './seat-record.ts';

/** Most seats that an ending run sends away in one block. */
const MAX_SENT = 32;

/** Sends the trainers of an ending run away. @returns whether some are left */
export function sendAway(context: BlockContext, id: Uint8Array, run: Run): boolean {
  if (!run.isEnding || run.phase !== 'cooldown') return false;
  const { state } = context;
  const { active } = members.get(state, bytesToHex(id))!;
  for (const number of active.slice(0, MAX_SENT)) {
    const seat = seats.get(state, seatKey(id, number))!;
    seats.set(state, seatKey(id, number), takePlace(context, id, number, seat));
  }
  return active.length > MAX_SENT;
}

/**
 * Ends a run that is ending, once no round is open, all pay has vested, no case is open and all seats are released:
 * what is left of its money returns to the owner. Its record and its checkpoints stay, for those who go on from them.
 */
export function endRun(context: BlockContext, id: Uint8Array, run: Run): Run {
  if (!run.isEnding || run.phase !== 'cooldown') return run;
  const { state } = context;
  const hex = bytesToHex(id);
  const { active, leaving, openCases } = members.get(state, hex)!;
  const isOver =
    run.unvestedRound === run.round && active.length === 0 && leaving.length === 0 && openCases.length === 0;
  if (!isOver) return run;
  members.delete(state, hex);
  const refund = run.pool + run.challengeFund;
  credit(context, run.owner, refund, 'training.refund');
  releaseDeposit(context, run.owner, run.workDeposit);
  runEnded(context, id, run, refund);
  return { ...run, phase: 'ended', reason: 'none', pool: 0n, challengeFund: 0n, workDeposit: 0n };
}
