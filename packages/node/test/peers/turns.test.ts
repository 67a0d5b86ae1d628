import { createManualTime } from '@cairn/chain';
import { describe, expect, it } from 'vitest';
import { createTurns } from '../../src/peers/turns.ts';

/** Works that end by hand, two at a time, with ten milliseconds to wait. */
function theTurns() {
  const time = createManualTime(0);
  const inTurn = createTurns(time.timer, { most: 2, waitMs: 10, onLate: () => new Error('too late') });
  const begun: number[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const run = (index: number) =>
    inTurn(
      () =>
        new Promise<number>((resolve, reject) => {
          begun.push(index);
          ends[index] = (error) => (error === undefined ? resolve(index) : reject(error));
        }),
    );
  return { time, begun, ends, run };
}

describe('works in turn', () => {
  it('begin a few at a time, in the order they came, and go on behind one that fails', async () => {
    const { begun, ends, run } = theTurns();
    const all = [0, 1, 2, 3].map(run);
    expect(begun).toEqual([0, 1]);
    ends[1]!(new Error('it failed'));
    await expect(all[1]).rejects.toThrow('it failed');
    expect(begun).toEqual([0, 1, 2]);
    ends[0]!();
    expect(await all[0]).toBe(0);
    expect(begun).toEqual([0, 1, 2, 3]);
    ends[2]!();
    ends[3]!();
    expect(await Promise.all([all[2], all[3]])).toEqual([2, 3]);
  });

  it('wait no longer than they may, and leave the others their places', async () => {
    const { time, begun, ends, run } = theTurns();
    const first = [0, 1].map(run);
    const late = expect(run(2)).rejects.toThrow('too late');
    await time.advance(9);
    const next = run(3);
    await time.advance(1);
    await late;
    ends[0]!();
    await first[0];
    expect(begun).toEqual([0, 1, 3]);
    // Its clock stopped when it began.
    await time.advance(100);
    ends[3]!();
    expect(await next).toBe(3);
    ends[1]!();
    expect(await first[1]).toBe(1);
  });
});
