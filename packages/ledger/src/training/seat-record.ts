import { bytesToHex } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import { trainingSlot } from './clock.ts';
import { seatDropped } from './events.ts';
import { MISSED_ROUNDS_LIMIT } from './limits.ts';
import { members } from './run.ts';
import { deviceKey, devices, type Seat, seatKey, seats } from './seat.ts';

/** Takes a seat out of the draw. Its bond stays until nothing it did can be challenged any more. */
export function takePlace(context: BlockContext, run: Uint8Array, number: number, seat: Seat): Seat {
  if (seat.leftSlot > 0n) return seat;
  const { state } = context;
  const hex = bytesToHex(run);
  const before = members.get(state, hex)!;
  members.set(state, hex, {
    ...before,
    active: before.active.filter((other) => other !== number),
    leaving: [...before.leaving, number],
  });
  devices.delete(state, deviceKey(run, seat.device));
  const now = trainingSlot(state);
  return { ...seat, leftSlot: now > 0n ? now : 1n };
}

/** One round more without an update that could be had and was sound; with the third the seat is lost. */
export function countMissed(context: BlockContext, run: Uint8Array, number: number): void {
  const key = seatKey(run, number);
  const seat = seats.get(context.state, key);
  if (seat === undefined || seat.leftSlot > 0n) return;
  const missed = seat.missed + 1;
  const isDropped = missed >= MISSED_ROUNDS_LIMIT;
  const counted = { ...seat, missed };
  seats.set(context.state, key, isDropped ? takePlace(context, run, number, counted) : counted);
  if (isDropped) seatDropped(context, run, number, counted);
}
