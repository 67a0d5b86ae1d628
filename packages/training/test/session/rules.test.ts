import type { PaidRoundView, RunView } from '@cairn/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findPath } from '../../src/session/find-path.ts';
import { residualOf } from '../../src/session/residual-rule.ts';
import { placesOfRound } from '../../src/session/round-places.ts';

const root = (value: number) => new Uint8Array(32).fill(value);
const hex = (value: number) => Buffer.from(root(value)).toString('hex');

const aPaidRound = (more: object) =>
  ({
    isVoid: false,
    lines: [],
    updates: [],
    committed: new Uint8Array(32),
    ...more,
  }) as unknown as PaidRoundView;
const aRun = (round: number) => ({ id: root(9), round, keptRound: 1 }) as unknown as RunView;
/** Rounds from their roots: each begins where the one before named ends, or where it says. */
const aLedger = (rounds: readonly (readonly [base: number, next: number] | null)[]) => ({
  paidRound: async (_: Uint8Array, round: number) => {
    const found = rounds[round - 1];
    return found == null ? null : aPaidRound({ round, baseRoot: root(found[0]), newRoot: root(found[1]) });
  },
});
const pathTo = async (rounds: Parameters<typeof aLedger>[0], target: number, atHand: readonly number[]) => {
  const known = new Set(atHand.map(hex));
  const path = await findPath(aLedger(rounds), aRun(rounds.length + 1), root(target), (each) =>
    known.has(each),
  );
  return { from: path.from[0], rounds: path.rounds.map(({ round }) => round) };
};

describe('the way to the weights of a round', () => {
  it('begins at what is at hand and takes each round since', async () => {
    const rounds = [
      [1, 2],
      [2, 3],
      [3, 4],
    ] as const;
    expect(await pathTo(rounds, 4, [1])).toEqual({ from: 1, rounds: [1, 2, 3] });
    expect(await pathTo(rounds, 4, [1, 3])).toEqual({ from: 3, rounds: [3] });
    expect(await pathTo(rounds, 4, [4])).toEqual({ from: 4, rounds: [] });
  });

  it('leads to older weights too, as a case wants them', async () => {
    expect(
      await pathTo(
        [
          [1, 2],
          [2, 3],
          [3, 4],
        ],
        3,
        [1],
      ),
    ).toEqual({ from: 1, rounds: [1, 2] });
  });

  it('passes over rounds that changed nothing, and goes round a rollback', async () => {
    expect(
      await pathTo(
        [
          [1, 2],
          [2, 2],
          [2, 3],
        ],
        3,
        [1],
      ),
    ).toEqual({ from: 1, rounds: [1, 3] });
    // Rounds 2 and 3 were undone: round 4 began again where round 1 had ended.
    expect(
      await pathTo(
        [
          [1, 2],
          [2, 3],
          [3, 4],
          [2, 5],
        ],
        5,
        [1],
      ),
    ).toEqual({ from: 1, rounds: [1, 4] });
  });

  it('says so when the ledger has forgotten the way', async () => {
    await expect(pathTo([null, [2, 3]], 3, [1])).rejects.toMatchObject({ code: 'WEIGHTS_OUT_OF_REACH' });
  });
});

describe('what an update has to add to its own change', () => {
  const committed = Uint8Array.from({ length: 32 }, (_, index) => (index === 0 ? 0b10 : 0));
  const before = aPaidRound({
    committed,
    lines: [{ seat: 4 }, { seat: 7 }],
    updates: [{ place: 1, update: { residualRoot: root(5) } }],
  });

  it('is what its seat left unsent in the round before', () => {
    expect(residualOf(before, 7)).toEqual({ kind: 'list', id: hex(5) });
  });

  it('is nothing after a round without an update of it, a void one, or none', () => {
    expect(residualOf(before, 4)).toEqual({ kind: 'none' });
    expect(residualOf(before, 8)).toEqual({ kind: 'none' });
    expect(residualOf(aPaidRound({ ...before, isVoid: true }), 7)).toEqual({ kind: 'none' });
    expect(residualOf(null, 7)).toEqual({ kind: 'none' });
    const nothing = { ...before, updates: [{ place: 1, update: { residualRoot: root(0) } }] };
    expect(residualOf(nothing as unknown as PaidRoundView, 7)).toEqual({ kind: 'none' });
  });

  it('is not known when the ledger has forgotten the update', () => {
    expect(residualOf(aPaidRound({ ...before, updates: [] }), 7)).toEqual({ kind: 'forgotten' });
  });
});

describe('what the places of an overlapped round train', () => {
  const OVERLAPPED = { inner: { steps: 10 }, overlap: true } as unknown as Parameters<
    typeof placesOfRound
  >[0];
  const seatsOf = (seats: readonly number[]) => ({
    round: 6,
    baseRoot: root(2),
    dataStart: 100n,
    seats,
  });
  /** The round before: these seats, all of which committed but those that are left out. */
  const before = (seats: readonly number[], away: readonly number[] = []) =>
    aPaidRound({
      ...{ round: 5, baseRoot: root(1), newRoot: root(2) },
      lines: seats.map((seat) => ({ seat })),
      updates: seats.flatMap((seat, place) =>
        away.includes(seat) ? [] : [{ place, update: { payload: root(seat), steps: 10, sizeBytes: 9 } }],
      ),
    });
  const rangesOf = (...given: Parameters<typeof placesOfRound>) =>
    placesOfRound(...given).map(({ firstBatch }) => firstBatch);
  const startsOf = (...given: Parameters<typeof placesOfRound>) =>
    placesOfRound(...given).map(({ start }) => start?.update.id ?? null);

  it('is what they were last, each from its own update, whatever their places are now', () => {
    expect(rangesOf(OVERLAPPED, seatsOf([9, 7, 8]), before([7, 8, 9]))).toEqual([120, 100, 110]);
    expect(startsOf(OVERLAPPED, seatsOf([9, 7, 8]), before([7, 8, 9]))).toEqual([hex(9), hex(7), hex(8)]);
  });

  it('is what is left for who is new, committed nothing, or had a place that is no more', () => {
    expect(rangesOf(OVERLAPPED, seatsOf([4, 9, 7]), before([7, 8, 9], [7]))).toEqual([100, 120, 110]);
    expect(startsOf(OVERLAPPED, seatsOf([4, 9, 7]), before([7, 8, 9], [7]))).toEqual([null, hex(9), null]);
    expect(rangesOf(OVERLAPPED, seatsOf([9, 8]), before([7, 8, 9]))).toEqual([100, 110]);
  });

  it('is by place, from the base of the round, without a round before it that its weights go on from', () => {
    const plain = [
      placesOfRound({ ...OVERLAPPED, overlap: false }, seatsOf([9, 7]), before([7, 9])),
      placesOfRound(OVERLAPPED, seatsOf([9, 7]), null),
      placesOfRound(OVERLAPPED, seatsOf([9, 7]), { ...before([7, 9]), isVoid: true }),
      placesOfRound(OVERLAPPED, seatsOf([9, 7]), { ...before([7, 9]), newRoot: root(3) }),
    ];
    for (const places of plain)
      expect(places).toEqual([
        { firstBatch: 100, start: null },
        { firstBatch: 110, start: null },
      ]);
  });

  it('never trains a range twice and leaves none out (seed 71)', () => {
    const seats = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(seats, seats, seats, (now, then, away) => {
        const found = rangesOf(OVERLAPPED, seatsOf(now), before(then, away));
        expect(found.toSorted((a, b) => a - b)).toEqual(now.map((_, at) => 100 + at * 10));
      }),
      { seed: 71 },
    );
  });
});
