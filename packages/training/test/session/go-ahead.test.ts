import type { RosterView, RoundView } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { createGoAhead } from '../../src/session/go-ahead.ts';
import type { RunDesk } from '../../src/session/run-desk.ts';
import type { TrainPlace } from '../../src/session/run-shapes.ts';
import type { TrainedRecord } from '../../src/session/trainer-record.ts';

const STEPS = 6;
const root = new Uint8Array(32).fill(5);
const own = { update: 'aa', steps: STEPS, sizeBytes: 9 } as TrainedRecord;
const log = { debug: () => undefined } as unknown as Parameters<typeof createGoAhead>[0]['log'];

/** A desk that makes two steps in each slice, and whose computations a test lets go on. */
function aDesk(overlap: boolean) {
  const asked: TrainPlace[] = [];
  let done = 0;
  let release: () => void = () => undefined;
  const desk = {
    id: root,
    manifest: { inner: { steps: STEPS }, overlap },
    compute: {
      async train(task: TrainPlace, { onStep }: { onStep: (step: object) => void }) {
        asked.push(task);
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        for (let step = 0; step < 2 && done < STEPS; step += 1) {
          done += 1;
          onStep({ done, steps: STEPS, loss: 1, ms: 1 });
        }
        return { paused: new Uint8Array() };
      },
    },
  } as unknown as RunDesk;
  /** One slice comes to its end. */
  const slice = async (): Promise<void> => {
    release();
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };
  return { desk, asked, slice };
}

const place = { place: 1, seat: 8 } as RosterView;
const aView = (round: number, rounds = 0) =>
  ({
    run: { isEnding: false, terms: { rounds } },
    round: { round, baseRoot: root, dataStart: 60n, halvings: 0 },
    roster: [{ seat: 7 }, place, { seat: 9 }],
  }) as unknown as RoundView;

function aTrainer(overlap = true) {
  const parts = aDesk(overlap);
  const made: [round: number, step: number][] = [];
  const ahead = createGoAhead({
    ...{ desk: parts.desk, log, momentsFor: () => ({}) },
    onStep: (round, { done }) => made.push([round, done]),
  });
  const signal = new AbortController();
  const go = (view = aView(4)) => ahead.go(view, view.round!, place, own, signal.signal);
  return { ...parts, ahead, made, go, signal };
}

describe('a trainer that waits in an overlapped run', () => {
  it('makes all steps of the next round, on the range of its place and from its own update', async () => {
    const { asked, made, go, slice } = aTrainer();
    go();
    for (let turn = 0; turn < 3; turn += 1) await slice();
    expect(made).toEqual([1, 2, 3, 4, 5, 6].map((step) => [5, step]));
    expect(asked[0]).toMatchObject({
      ...{ round: 5, firstBatch: 60 + (3 + 1) * STEPS, isAhead: true },
      start: { base: '05'.repeat(32), round: 4, update: { id: 'aa', steps: STEPS } },
    });
    go();
    await slice();
    expect(asked.length).toBe(3);
  });

  it('rests when the round opens, after the slice that is being made', async () => {
    const { asked, made, ahead, go, slice } = aTrainer();
    go();
    const resting = ahead.rest();
    await slice();
    await resting;
    expect([made.length, asked.length]).toEqual([2, 1]);
  });

  it('rests when it is told to end', async () => {
    const { asked, go, slice, signal } = aTrainer();
    go();
    signal.abort();
    await slice();
    go();
    expect(asked.length).toBe(1);
  });

  it('makes none after the last round, nor in a run that is not overlapped', () => {
    const last = aTrainer();
    last.go(aView(4, 4));
    expect(last.asked).toEqual([]);
    const plain = aTrainer(false);
    plain.go();
    expect(plain.asked).toEqual([]);
  });
});
