import { createNativeCrypto } from '@cairn/chain';
import {
  createInnerOptimiser,
  createStateHasher,
  progressFromBytes,
  progressToBytes,
  type RoundParts,
  type RoundTask,
  type StateHasher,
  traceRoot,
  trainRound,
} from '@cairn/training';
import { createHashingThread } from '@cairn/training/node';
import { describe, expect, it } from 'vitest';
import { simulateRun } from '../../src/training/simulate-run.ts';
import { samplerOf, twinText } from '../../src/training/twin-data.ts';
import { createTwinLearner, twinTensors, twinWeights } from '../../src/training/twin-learner.ts';
import { aTwinRun, heldOutLoss, honestTrainers, TWIN_OPTIMISER } from '../../src/training/twin-run.ts';

const crypto = createNativeCrypto();
const TEXT = twinText(1, 5_000);
const TASK: RoundTask = {
  round: 2,
  base: twinWeights(5),
  steps: 8,
  stepsBefore: 16,
  isReset: true,
};

function parts(nowMs: () => number = () => 0): RoundParts {
  return {
    engine: createTwinLearner(),
    optimiser: createInnerOptimiser(TWIN_OPTIMISER, twinTensors()),
    sampler: samplerOf(TEXT, 0, 2),
    clock: { nowMs },
    turn: () => new Promise((resolve) => setImmediate(resolve)),
    hasher: createStateHasher(crypto.sha256),
  };
}

describe('a round of a trainer', () => {
  it('goes on after a pause as if there had been none, in another process even', async () => {
    const whole = (await trainRound(parts(), TASK)).progress;
    let asked = 0;
    const paused = await trainRound(parts(), TASK, { wish: () => (asked++ === 3 ? 'pause' : 'run') });
    expect(paused).toMatchObject({ status: 'paused', progress: { done: 3 } });
    const kept = progressToBytes(twinTensors(), paused.progress);
    const resumed = await trainRound(parts(), {
      ...TASK,
      resume: progressFromBytes(twinTensors(), kept),
    });
    expect(resumed.progress).toEqual(whole);
    expect(whole.leaves).toHaveLength(9);
  });

  it('obeys a wish that comes while it runs, before its next step', async () => {
    let wish: 'run' | 'pause' = 'run';
    const outcome = await trainRound(parts(), TASK, {
      wish: () => wish,
      onStep: ({ done }) => {
        // As a page that is hidden: told by an event, not by the trainer.
        if (done === 2) setImmediate(() => (wish = 'pause'));
      },
    });
    expect(outcome).toMatchObject({ status: 'paused', progress: { done: 2 } });
  });

  it('stops with the steps it has made when another would end after the deadline', async () => {
    let now = 0;
    const slow = parts(() => (now += 50));
    const outcome = await trainRound(slow, { ...TASK, deadlineMs: 500 });
    expect(outcome.status).toBe('done');
    expect(outcome.progress.done).toBeGreaterThan(0);
    expect(outcome.progress.done).toBeLessThan(8);
  });

  it('leaves its base as it is', async () => {
    await trainRound(parts(), TASK);
    expect(TASK.base).toEqual(twinWeights(5));
  });

  it('has another trace when one bit of its data is another', async () => {
    const honest = (await trainRound(parts(), TASK)).progress.leaves;
    const sampler = samplerOf(TEXT, 0, 2);
    const altered = {
      ...parts(),
      sampler: {
        batch: async (step: number) => {
          const batch = await sampler.batch(step);
          if (step === 5) batch.ids[0]! ^= 1;
          return batch;
        },
      },
    };
    const { leaves } = (await trainRound(altered, TASK)).progress;
    expect(leaves.slice(0, 6)).toEqual(honest.slice(0, 6));
    expect(leaves[6]).not.toEqual(honest[6]);
    expect(traceRoot(crypto, leaves)).not.toEqual(traceRoot(crypto, honest));
  });

  it('makes the same leaves when a thread hashes them, also of a round that goes on', async () => {
    const { progress } = await trainRound(parts(), TASK);
    await using hasher = createHashingThread({ leastBytes: 0 });
    const threaded = (): RoundParts => ({
      ...parts(),
      hasher,
      optimiser: createInnerOptimiser(TWIN_OPTIMISER, twinTensors(), 0, hasher.allocate),
    });
    expect((await trainRound(threaded(), TASK)).progress).toEqual(progress);
    let asked = 0;
    const paused = await trainRound(threaded(), TASK, { wish: () => (asked++ === 3 ? 'pause' : 'run') });
    const resumed = await trainRound(threaded(), { ...TASK, resume: paused.progress });
    expect(resumed.progress).toEqual(progress);
  });

  it('computes while a state is hashed, and changes it only afterwards, one at a time', async () => {
    const events: string[] = [];
    const own = parts();
    const { hash } = own.hasher!;
    await trainRound(
      {
        ...own,
        engine: {
          ...own.engine,
          async step(...input) {
            events.push('compute');
            return own.engine.step(...input);
          },
        },
        optimiser: {
          ...own.optimiser,
          get taken() {
            return own.optimiser.taken;
          },
          step(...input) {
            events.push('change');
            own.optimiser.step(...input);
          },
        },
        hasher: {
          async hash(table, step, state) {
            events.push(`hash ${step}`);
            const leaf = await hash(table, step, state);
            // Long after the engine would have been done.
            for (let turn = 0; turn < 20; turn += 1) await own.turn();
            events.push(`leaf ${step}`);
            return leaf;
          },
        },
      },
      { ...TASK, steps: 3 },
    );
    const step = (at: number) => [`hash ${at}`, 'compute', `leaf ${at}`, 'change'];
    expect(events).toEqual([...step(0), ...step(1), ...step(2), 'hash 3', 'leaf 3']);
  });

  it('fails when a state cannot be hashed, before anything changes it', async () => {
    const own = parts();
    const { hash } = own.hasher!;
    const hasher: StateHasher = {
      hash: (table, step, state) =>
        step === 3 ? Promise.reject(new Error('the thread is gone')) : hash(table, step, state),
    };
    const round = trainRound({ ...own, hasher }, TASK);
    await expect(round).rejects.toThrow('the thread is gone');
    expect(own.optimiser.taken).toBe(3);
  });

  it('waits, when its engine fails, until nothing reads its state any more', async () => {
    const own = parts();
    let isRead = false;
    const hasher: StateHasher = {
      async hash() {
        isRead = true;
        for (let turn = 0; turn < 20; turn += 1) await own.turn();
        isRead = false;
        return new Uint8Array(32);
      },
    };
    const engine = { ...own.engine, step: () => Promise.reject(new Error('the engine broke')) };
    await expect(trainRound({ ...own, engine, hasher }, TASK)).rejects.toThrow('the engine broke');
    expect(isRead).toBe(false);
  });

  it('does not take up what was kept of another round, nor bytes that are no round', async () => {
    const { progress } = await trainRound(parts(), TASK);
    await expect(trainRound(parts(), { ...TASK, round: 3, resume: progress })).rejects.toThrow(
      'step 8 of round 2',
    );
    const kept = progressToBytes(twinTensors(), progress);
    for (const bytes of [kept.subarray(1), kept.subarray(0, 40), new Uint8Array(kept.length)])
      expect(() => progressFromBytes(twinTensors(), bytes)).toThrow('no paused round');
  });
});

describe('rounds of several trainers', () => {
  it('learn more together than one alone', async () => {
    const losses = await Promise.all(
      [1, 3].map(async (count) => {
        const run = aTwinRun(1, { trainers: honestTrainers(count), steps: 10 });
        return heldOutLoss(run, (await simulateRun(run)).state.weights);
      }),
    );
    expect(losses[1]!).toBeLessThan(losses[0]!);
  });

  it('take trainers that are slow by what they did', async () => {
    const trainers = honestTrainers(3).map((trainer, index) => ({ ...trainer, steps: index === 0 ? 2 : 15 }));
    const run = aTwinRun(1, { trainers, rounds: 6 });
    const start = await heldOutLoss(run, run.weights);
    expect(await heldOutLoss(run, (await simulateRun(run)).state.weights)).toBeLessThan(0.7 * start);
  });

  it('learn, later, when updates travel while the next round is trained', async () => {
    const run = aTwinRun(1, { trainers: honestTrainers(2), isOverlapped: true, steps: 8 });
    const start = await heldOutLoss(run, run.weights);
    expect(await heldOutLoss(run, (await simulateRun(run)).state.weights)).toBeLessThan(0.8 * start);
  });

  it('survive that half of all updates get lost, for what is lost is sent later', async () => {
    const lossy = honestTrainers(3).map((trainer, who) => ({
      ...trainer,
      isLost: (round: number) => (round * 7 + who * 5) % 4 < 2,
    }));
    const [whole, half] = await Promise.all(
      [honestTrainers(3), lossy].map(async (trainers) => {
        const run = aTwinRun(1, { trainers, rounds: 20, steps: 5 });
        return heldOutLoss(run, (await simulateRun(run)).state.weights);
      }),
    );
    // Perplexity within 1.2 times.
    expect(half! - whole!).toBeLessThan(Math.log(1.2));
  });
});
