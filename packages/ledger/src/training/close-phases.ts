import { bytesToHex } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import { bitmapOf, hasPlace, placesOf } from './bitmap.ts';
import { trainingSlot } from './clock.ts';
import { roundShown, roundToSettle } from './events.ts';
import { MAX_ARRIVALS } from './limits.ts';
import { placeKey, type Round, rounds, updates } from './round.ts';
import { members, type Run } from './run.ts';
import { countMissed } from './seat-record.ts';
import { scoreSeedOf, shuffle } from './seeds.ts';
import { voidRound } from './void-round.ts';

/**
 * Closes commits: from here updates may be shown, since nobody can commit to a copy any more. Reserves step in for
 * those who are missing, in the order of the draw; witnesses are drawn from those who are there.
 *
 * Cost: one record read and one written for each place, at most 256.
 */
export function closeTraining(context: BlockContext, id: Uint8Array, run: Run): Run {
  const { state, crypto, block } = context;
  const hex = bytesToHex(id);
  const round = rounds.get(state, hex)!;
  const came = placesOf(round.committed);
  for (const [place, seat] of round.roster.entries())
    if (!hasPlace(round.committed, place)) countMissed(context, id, seat);
  if (came.length === 0) {
    // All machines became slower at once, or are gone: what is known of their pace would drop every seat.
    members.set(state, hex, { ...members.get(state, hex)!, arrivals: [] });
    return voidRound(context, id, run, round);
  }
  keepArrivals(context, id, round, came);
  const { maxTrainers } = run.terms;
  const first = came.filter((place) => place < maxTrainers);
  const missing = Math.min(maxTrainers, round.roster.length) - first.length;
  const stepIn = came.filter((place) => place >= maxTrainers).slice(0, missing);
  const scoreSeed = scoreSeedOf(crypto, round.seed, block.hash);
  const closed: Round = {
    ...round,
    counted: bitmapOf([...first, ...stepIn]),
    scoreSeed,
    witnesses: shuffle(crypto, scoreSeed, 'witness', came).slice(0, run.terms.witnesses),
    deadlineSlot: trainingSlot(state) + BigInt(run.terms.showSlots),
  };
  rounds.set(state, hex, closed);
  roundShown(context, id, closed);
  return { ...run, phase: 'show' };
}

function keepArrivals({ state }: BlockContext, id: Uint8Array, round: Round, came: readonly number[]): void {
  const hex = bytesToHex(id);
  const latest = came.map((place) =>
    Number(updates.get(state, placeKey(id, round.round, place))!.committedSlot - round.startSlot),
  );
  const before = members.get(state, hex)!;
  members.set(state, hex, { ...before, arrivals: [...before.arrivals, ...latest].slice(-MAX_ARRIVALS) });
}

/** Closes witnessing and commits of scores. */
export function closeShow(context: BlockContext, id: Uint8Array, run: Run): Run {
  const { state } = context;
  const hex = bytesToHex(id);
  const round = rounds.get(state, hex)!;
  const closed: Round = { ...round, deadlineSlot: trainingSlot(state) + BigInt(run.terms.settleSlots) };
  rounds.set(state, hex, closed);
  roundToSettle(context, id, closed);
  return { ...run, phase: 'settle' };
}
