import type { PaidRoundView, RunView } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { findPath } from '../../src/session/find-path.ts';
import { residualOf } from '../../src/session/residual-rule.ts';

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
