import { bytesToHex } from '@cairn/core';
import { credit, releaseDeposit } from '../accounts/money.ts';
import type { BlockContext } from '../execution/context.ts';
import { seatReleased } from './events.ts';
import { rounds } from './round.ts';
import { members, type Run } from './run.ts';
import { type Seat, seatKey, seats } from './seat.ts';

/** Most seats released at once. */
const MAX_RELEASED = 32;

/** Whether nothing a seat did can be challenged any more. */
const isFree = ({ unvestedRound }: Run, { lastRound, openCases }: Seat): boolean =>
  lastRound < unvestedRound && openCases === 0;

/**
 * Gives bond and deposit of seats that left back as soon as nothing they did can be challenged. A seat that is in the
 * roster of the open round stays until that round is over: everybody reads who is in it.
 *
 * @returns whether some may be left that can be released now
 *
 * Cost: one record read for each seat that left, at most 512; four written for each released, at most 32.
 */
export function releaseSeats(context: BlockContext, id: Uint8Array, run: Run): boolean {
  const { state } = context;
  const hex = bytesToHex(id);
  const before = members.get(state, hex)!;
  const roster = rounds.get(state, hex)?.roster ?? [];
  const free = before.leaving
    .filter((number) => !roster.includes(number))
    .filter((number) => isFree(run, seats.get(state, seatKey(id, number))!))
    .slice(0, MAX_RELEASED);
  if (free.length === 0) return false;
  members.set(state, hex, { ...before, leaving: before.leaving.filter((number) => !free.includes(number)) });
  for (const number of free) {
    const seat = seats.get(state, seatKey(id, number))!;
    seats.delete(state, seatKey(id, number));
    credit(context, seat.wallet, seat.bond, 'training.returnBond');
    releaseDeposit(context, seat.wallet, seat.deposit);
    seatReleased(context, id, number, seat);
  }
  return free.length === MAX_RELEASED;
}
