import { spawnSync } from 'node:child_process';
import { bytesToHex, PEBBLES_PER_CAIRN } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import type { RunPlace } from '../../src/training/run/run-place.ts';
import { aRunTown } from './run-town.ts';

const { CAIRN_PYTHON: python = '' } = process.env;
/** PyTorch where there is a Python that has it; what a node takes by itself elsewhere. */
const torch =
  python !== '' && spawnSync(python, ['-c', 'import torch']).status === 0 ? { engine: 'torch', python } : {};

type Town = Awaited<ReturnType<typeof aRunTown>>;

/** A machine whose inner steps are made on other data than the ledger gave it. */
function altered(place: RunPlace): RunPlace {
  return {
    ...place,
    async desk(...given) {
      const desk = await place.desk(...given);
      const train: typeof desk.compute.train = (task, options) =>
        desk.compute.train({ ...task, firstBatch: task.firstBatch + 7 }, options);
      return { ...desk, compute: { ...desk.compute, train } };
    },
  };
}

const settled = (town: Town, round: number) =>
  town.until(`round ${round} is settled`, async () => (await town.run()).round > round, 120_000);
/** Waits until all cases are judged and one of them is a conviction, which stands when nobody appeals. */
async function oneIsConvicted(town: Town): Promise<void> {
  const phases = async () => (await town.reader.cases(town.id)).map(({ phase }) => phase).join();
  await town.until(
    'the only case left is a conviction',
    async () => (await phases()) === 'convicted',
    120_000,
  );
  await town.pass(7);
  await town.until('the case is closed', async () => (await phases()) === '');
}
const seatOf = async (town: Town, { role }: Awaited<ReturnType<Town['aTrainer']>>) => {
  const seats = await town.chain.ledger.query<
    { device: string; isConvicted: boolean; bond: string; missed: number }[]
  >('training_seats', { run: bytesToHex(town.id) });
  return seats.find(({ device }) => device === role.address)!;
};

describe('a training run with faults', () => {
  it('convicts and slashes a trainer that altered its steps, and no honest one', {
    timeout: 300_000,
  }, async () => {
    const town = await aRunTown({ terms: { minTrainers: 3, drawBps: 10_000, rounds: 1 } });
    const honest = [await town.aTrainer(0), await town.aTrainer(1)];
    const machine = town.aMachine('cheat');
    const cheat = await town.aTrainer(2, { place: altered(machine.place) });
    await settled(town, 1);
    await oneIsConvicted(town);
    expect(await seatOf(town, cheat)).toMatchObject({ isConvicted: true, bond: '0' });
    for (const trainer of honest)
      expect(await seatOf(town, trainer)).toMatchObject({
        isConvicted: false,
        bond: (10n * PEBBLES_PER_CAIRN).toString(),
      });
  });

  it('that is overlapped makes steps while it waits, with one root for all and nothing that a replay finds', {
    timeout: 300_000,
  }, async () => {
    const town = await aRunTown({
      recipe: { overlap: true, inner: { steps: 6, learningRate: 0.01, schedule: 'constant' } },
      terms: { minTrainers: 3, drawBps: 10_000, rounds: 4, innerSteps: 6 },
    });
    const steps = { ahead: 0, inRound: 0 };
    const trainers = [];
    for (const index of [0, 1, 2])
      trainers.push(
        await town.aTrainer(index, {
          onProgress: (progress) => {
            if (progress.kind === 'step' && progress.round > 1)
              steps[progress.isAhead ? 'ahead' : 'inRound'] += 1;
          },
        }),
      );
    await settled(town, 4);
    const judged = () => town.log.lines.filter((line) => line.includes('case judged'));
    await town.until('three updates of each round are judged', () => judged().length === 12, 120_000);
    expect(judged().filter((line) => !line.includes('honest'))).toEqual([]);
    expect(steps.ahead).toBeGreaterThan(steps.inRound);
    const paid = (await town.reader.paidRound(town.id, 4))!;
    expect(paid.lines.map(({ pay }) => pay > 0n)).toEqual([true, true, true]);
    for (const trainer of trainers)
      expect(await seatOf(town, trainer)).toMatchObject({ isConvicted: false, missed: 0 });
  });

  it('of engines that differ convicts who is outside its bounds, and nobody who is within', {
    timeout: 600_000,
  }, async () => {
    const town = await aRunTown({
      recipe: { engine: 'tolerant', tolerance: { engines: ['native', 'exact'], rounds: 2 } },
      terms: { minTrainers: 4, drawBps: 10_000, rounds: 2 },
    });
    const choices = [{ engine: 'native' }, { engine: 'exact' }, torch];
    const honest = [];
    for (const [index, choice] of choices.entries()) honest.push(await town.aTrainer(index, { choice }));
    const machine = town.aMachine('cheat');
    const cheat = await town.aTrainer(3, { place: altered(machine.place) });
    await settled(town, 1);
    await oneIsConvicted(town);
    expect(await seatOf(town, cheat)).toMatchObject({ isConvicted: true, bond: '0' });
    for (const trainer of honest) expect(await seatOf(town, trainer)).toMatchObject({ isConvicted: false });
    const replays = town.log.lines.filter((line) => line.includes('steps replayed within bounds'));
    expect(replays.length).toBeGreaterThanOrEqual(4);
  });

  it('closes its round at the deadline when one of three is killed', { timeout: 900_000 }, async () => {
    const town = await aRunTown({ terms: { minTrainers: 2, maxTrainSlots: 50 } });
    const trainers = [await town.aTrainer(0), await town.aTrainer(1)];
    const gone = await town.aTrainer(2);
    await settled(town, 1);
    await gone.stop();
    await town.until(
      'the others committed',
      async () => {
        const { run, round, roster } = await town.round();
        return (
          round !== null &&
          run.phase === 'train' &&
          roster.filter(({ update }) => update !== null).length >= 2
        );
      },
      120_000,
    );
    const { round } = await town.run();
    await town.pass(51);
    // Of a gap between two blocks a run counts a few slots only, so its deadline is later than that.
    let nextMs = 0;
    await town.until(
      `round ${round} is settled`,
      async () => {
        if ((await town.run()).round > round) return true;
        if (performance.now() >= nextMs) {
          await town.pass(3);
          nextMs = performance.now() + 1_000;
        }
        return false;
      },
      120_000,
    );
    const paid = (await town.reader.paidRound(town.id, round))!;
    expect(paid.isVoid).toBe(false);
    expect(paid.lines.filter(({ pay }) => pay > 0n).length).toBe(2);
    expect((await seatOf(town, gone)).missed).toBe(1);
    expect(trainers.length).toBe(2);
  });
});
