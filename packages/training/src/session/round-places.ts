import { areBytesEqual, bytesToHex, hexToBytes } from '@cairn/core';
import type { PaidRoundView, PeerName, RoundView, RunManifest } from '@cairn/protocol';
import type { RunDesk } from './run-desk.ts';
import type { NamedUpdate } from './run-shapes.ts';

/** What the rule needs of a round, open or settled. */
export interface PlacedRound {
  readonly round: number;
  readonly baseRoot: Uint8Array;
  readonly dataStart: bigint;
  /** Seats in order of their places. */
  readonly seats: readonly number[];
}

/** What a place trains, which the ledger alone decides. */
export interface RoundPlace {
  readonly firstBatch: number;
  /**
   * What the steps begin with instead of the base of the round: the base of the round before and the seat's own update
   * of it. Null: the base of the round.
   */
  readonly start: RoundStart | null;
}

/** Weights that a trainer has before anybody else's update of a round is known. */
export interface RoundStart {
  /** Root of the weights that the round before began with, in hex. */
  readonly base: string;
  readonly round: number;
  /** The seat's own update of it. */
  readonly update: NamedUpdate & { readonly maxBytes: number };
}

/**
 * What each place of a round trains. In an overlapped run a trainer goes on, as soon as it has committed, from the base
 * of its round and its own update alone: what the others did enters one round late. It keeps its place's range of data
 * for the next round, so that nothing of it depends on what is not known yet; who is new takes a range that is left.
 *
 * @param before the round before; null when there is none.
 */
export function placesOfRound(
  { inner, overlap = false }: Pick<RunManifest, 'inner' | 'overlap'>,
  { round, baseRoot, dataStart, seats }: PlacedRound,
  before: PaidRoundView | null,
): RoundPlace[] {
  const goesOn = overlap && before !== null && !before.isVoid && before.round === round - 1;
  // After a rollback the weights do not go on from there.
  const last = goesOn && areBytesEqual(before.newRoot, baseRoot) ? before : null;
  const starts = seats.map((seat) => (last === null ? null : startOf(last, seat, seats.length)));
  const free = seats.map((_, range) => range).filter((range) => starts.every((own) => own?.range !== range));
  return starts.map((own) => ({
    firstBatch: Number(dataStart) + (own?.range ?? free.shift()!) * inner.steps,
    start: own?.start ?? null,
  }));
}

function startOf(before: PaidRoundView, seat: number, places: number) {
  const place = before.lines.findIndex((line) => line.seat === seat);
  const found = before.updates.find((each) => each.place === place)?.update;
  if (found === undefined || place >= places) return null;
  const { payload, steps, sizeBytes } = found;
  const start: RoundStart = {
    base: bytesToHex(before.baseRoot),
    round: before.round,
    update: { id: bytesToHex(payload), seat, steps, maxBytes: sizeBytes },
  };
  return { range: place, start };
}

/** Brings in what the steps of a place begin with. @throws TrainingError `WEIGHTS_OUT_OF_REACH`; CairnError `BLOB_NOT_FETCHED` */
export async function bringStart(
  desk: Pick<RunDesk, 'bring' | 'fetch'>,
  { run, roster }: Pick<RoundView, 'run' | 'roster'>,
  start: RoundStart | null,
): Promise<void> {
  if (start === null) return;
  const peers: PeerName[] = roster.map(({ peer }) => peer);
  await desk.bring(run, hexToBytes(start.base), peers);
  await desk.fetch([start.update], peers, { round: start.round, use: 'weights' });
}
