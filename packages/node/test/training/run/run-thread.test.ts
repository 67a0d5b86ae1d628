import { bytesToHex } from '@cairn/core';
import type { TrainedPlace } from '@cairn/training';
import { afterAll, describe, expect, it } from 'vitest';
import { startRunThread } from '../../../src/training/run/run-thread-calls.ts';
import { crypto } from '../../rpc/parts.ts';
import { aMadeRun, aRecipe, damage, TINY } from './parts.ts';

/** Of an update: run, round, base and steps are in it. */
const HEADER_BYTES = 80;
const RUN = new Uint8Array(32).fill(7);
const SEAT = 5;

/** Shared: to start one takes seconds. Each test opens a run of its own on it. */
const thread = startRunThread();
afterAll(() => thread[Symbol.asyncDispose]());

async function aThread(recipe = aRecipe()) {
  const { library, folder, made } = await aMadeRun(recipe);
  await thread.open({ folder, manifest: made.id, states: 4 });
  const base = await thread.start(made.manifest.initial.seed!);
  const task = (round: number, place: number) => ({
    ...{ base, run: RUN, round, seat: SEAT, halvings: 0, residual: null },
    firstBatch: place * 3,
  });
  return { thread, library, folder, made, base, task };
}

describe('the thread of a run', () => {
  it('begins with the weights that the manifest names, and trains the same update twice', async () => {
    const { thread, made, base, task, library } = await aThread();
    expect(base).toBe(bytesToHex(made.manifest.initial.root));
    const losses: number[] = [];
    const once = (await thread.train(task(1, 0), {
      onStep: ({ loss }) => losses.push(loss),
    })) as TrainedPlace;
    const twice = (await thread.train(task(1, 0))) as TrainedPlace;
    expect(once.update).toEqual(twice.update);
    expect(once.traceRoot).toEqual(twice.traceRoot);
    expect(losses).toEqual(once.losses);
    const id = await library.put('run', once.update);
    const updates = [{ id, seat: SEAT, steps: 3 }];
    const root = await thread.apply({ base, run: RUN, round: 1, updates });
    expect(root).not.toBe(base);
    expect(await thread.loss(root)).toBeLessThan(await thread.loss(base));
    expect(await thread.check({ base, run: RUN, round: 1, updates })).toEqual([true]);
    expect(await thread.check({ base, run: RUN, round: 2, updates })).toEqual([false]);
    const claimed = { ...updates[0]!, seat: SEAT + 1 };
    expect(await thread.check({ base, run: RUN, round: 1, updates: [claimed] })).toEqual([false]);
  });

  it('leaves native code between two steps when it is to end: who is cut off in it takes the process along', async () => {
    const { folder, made } = await aMadeRun(aRecipe({ engine: 'tolerant' }));
    const [first, second] = [startRunThread(), startRunThread()];
    const training = [];
    for (const own of [first, second]) {
      await own.open({ folder, manifest: made.id, states: 4, choice: { threads: 2 } });
      const base = await own.start(made.manifest.initial.seed!);
      const begun = Promise.withResolvers<void>();
      const task = {
        ...{ base, run: RUN, round: 1, seat: SEAT, halvings: 0, residual: null },
        ...{ firstBatch: 0, steps: 4_096 },
      };
      training.push(own.train(task, { onStep: () => begun.resolve() }));
      await Promise.race([begun.promise, training.at(-1)]);
    }
    const told = training.map((each) => expect(each).rejects.toThrow('The thread is ending.'));
    await Promise.all([first[Symbol.asyncDispose](), second[Symbol.asyncDispose]()]);
    await Promise.all(told);
    await expect(first.loss('')).rejects.toThrow('the thread was ended');
  });

  it('goes on with the moments that were kept, and without those that were lost or damaged', async () => {
    const { thread, library, folder, task } = await aThread(
      aRecipe({
        ...{ engine: 'tolerant', tolerance: { replay: false } },
        inner: { ...TINY.inner, moments: 'keep' },
      }),
    );
    const { moments } = (await thread.train(task(1, 0))) as TrainedPlace;
    const pages = [];
    for (const page of moments!.pages) pages.push(await library.put('run', page));
    const list = await library.put('run', moments!.list);
    const takenThen = async () => {
      const next = await thread.train({ ...task(2, 1), moments: { list, taken: moments!.taken } });
      return (next as TrainedPlace).moments!.taken;
    };
    expect(await takenThen()).toBe(6);
    damage(folder, pages[0]!);
    expect(await takenThen()).toBe(3);
    await library.drop('run', pages[0]!);
    expect(await takenThen()).toBe(3);
    damage(folder, list);
    expect(await takenThen()).toBe(3);
  });

  it('goes on where it was paused as if nothing had been', async () => {
    const { thread, task } = await aThread();
    const long = { ...task(1, 0), steps: 300 };
    const whole = (await thread.train(long)) as TrainedPlace;
    const abort = new AbortController();
    const stopped = await thread.train(long, { signal: abort.signal, onStep: () => abort.abort() });
    expect(stopped).toHaveProperty('paused');
    const { paused } = stopped as { paused: Uint8Array };
    const resumed = (await thread.train({ ...long, resume: paused })) as TrainedPlace;
    expect(resumed.update).toEqual(whole.update);
    expect(resumed.losses).toEqual(whole.losses);
  });

  it('makes steps of a round that is not open yet, and then the update that it would have made', async () => {
    const { thread, task, base, library } = await aThread(aRecipe({ overlap: true }));
    const { update } = (await thread.train(task(1, 0))) as TrainedPlace;
    const own = { id: await library.put('run', update), seat: SEAT, steps: 3, maxBytes: update.length };
    const next = { ...task(2, 4), start: { base, round: 1, update: own } };
    const plain = (await thread.train(next)) as TrainedPlace;
    const ahead: number[] = [];
    const onStep = ({ done }: { done: number }) => ahead.push(done);
    expect(await thread.train({ ...next, isAhead: true }, { onStep })).toHaveProperty('paused');
    const late: number[] = [];
    const made = await thread.train(next, { onStep: ({ done }) => late.push(done) });
    expect([ahead, late]).toEqual([[1, 2, 3], []]);
    expect(made).toEqual(plain);
  });

  it('knows a copy of what was uploaded in the round before', async () => {
    const { thread, base, task, library } = await aThread();
    const train = async (given: ReturnType<typeof task>) => (await thread.train(given)) as TrainedPlace;
    const first = await train(task(1, 0));
    const before = await library.put('run', first.update);
    const updates = [{ id: before, seat: SEAT, steps: 3 }];
    const next = await thread.apply({ base, run: RUN, round: 1, updates });
    const honest = await train({ ...task(2, 1), base: next });
    const copied = first.update.slice();
    copied.set(honest.update.subarray(0, HEADER_BYTES));
    const ids = [await library.put('run', honest.update), await library.put('run', copied)];
    const measured = await thread.measure({
      ...{ base: next, run: RUN, round: 2, before: [before], firstBatches: [3, 6] },
      updates: ids.map((id) => ({ id, seat: SEAT, steps: 3 })),
      scoreSeed: new Uint8Array(32),
    });
    expect(measured[0]!.overlap).toBeLessThan(0.75);
    expect(measured[1]!.overlap).toBeGreaterThan(0.99);
  });

  it('of engines that may differ knows whether its own keeps to the bounds, and who does not', async () => {
    const bounds = { relative: 0.01, angle: 0.0001, misplaced: 0.02 };
    const recipe = aRecipe({ engine: 'tolerant', tolerance: bounds });
    const { thread, task, base, library } = await aThread(recipe);
    expect(await thread.rehearse(base)).toMatchObject({ isWithin: true });
    const keep = async (trained: TrainedPlace) => {
      for (const page of trained.residual!.pages) await library.put('run', page);
      return {
        update: await library.put('run', trained.update),
        residual: await library.put('run', trained.residual!.list),
      };
    };
    const honest = await keep((await thread.train(task(1, 0))) as TrainedPlace);
    const cheat = await keep((await thread.train(task(1, 9))) as TrainedPlace);
    const compare = (claimed: typeof honest) => thread.compare({ ...task(1, 0), steps: 3, claimed });
    expect(await compare(honest)).toMatchObject({
      isWithin: true,
      engines: [expect.stringContaining('cpu')],
    });
    const found = (await compare(cheat))!;
    expect(found.isWithin).toBe(false);
    // Two engines had to say so.
    expect(found.engines.length).toBe(2);
  });

  it('hands out the pages of its weights, from which others load them', async () => {
    const { thread, base, library } = await aThread(aRecipe({ outer: { kind: 'dense' } }));
    const list = await thread.list(base);
    const id = await library.put('run', list);
    expect(bytesToHex(crypto.sha256(list))).toBe(id);
    expect(await thread.load(id)).toBe(base);
  });

  it('says what is wrong, and works on', async () => {
    const { thread, task, base } = await aThread();
    const unknown = { ...task(1, 0), base: 'ff'.repeat(32) };
    await expect(thread.train(unknown)).rejects.toMatchObject({ code: 'THREAD_FAILED' });
    expect(await thread.has(base)).toBe(true);
  });
});
