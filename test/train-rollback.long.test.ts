import { bytesToHex } from '@cairn/core';
import { expect, it } from 'vitest';
import type { RunPlace } from '../packages/node/src/training/run/run-place.ts';
import { aRunTown } from '../packages/node/test/training/run-town.ts';
import { cheatingPlace } from './support/cheating-place.ts';

type Town = Awaited<ReturnType<typeof aRunTown>>;

const settled = (town: Town, round: number) =>
  town.until(`round ${round} is settled`, async () => (await town.run()).round > round, 300_000);
const lossOf = async (town: Town, round: number) =>
  (await town.reader.paidRound(town.id, round))!.evalLoss / 1e6;

/** A machine whose computations are changed by a test. */
function changed(
  place: RunPlace,
  change: (compute: Awaited<ReturnType<RunPlace['desk']>>['compute']) => object,
): RunPlace {
  return {
    ...place,
    async desk(...given) {
      const desk = await place.desk(...given);
      return { ...desk, compute: { ...desk.compute, ...change(desk.compute) } };
    },
  };
}

it('a run goes back to its checkpoint by itself when its held-out loss keeps rising, and learns on', {
  timeout: 900_000,
}, async () => {
  const town = await aRunTown({
    recipe: { inner: { steps: 12, learningRate: 0.01, schedule: 'constant', warmup: 0 }, checkpointEvery: 1 },
    terms: { minTrainers: 3, minTrainSlots: 400, checkpointEvery: 1 },
  });
  let isHostile = false;
  for (const index of [0, 1, 2]) {
    const { place } = town.aMachine(`machine-${index}`);
    const hostile = cheatingPlace(place, 'sign-flip', town.reader);
    // All are turned at once: nobody in the round is better than the others.
    const turned = {
      ...place,
      async desk(...given: Parameters<RunPlace['desk']>) {
        const [own, other] = [await place.desk(...given), await hostile.desk(...given)];
        const train: typeof own.compute.train = (...task) => (isHostile ? other : own).compute.train(...task);
        return { ...own, compute: { ...own.compute, train } };
      },
    };
    await town.aRole(index, turned);
  }
  await settled(town, 2);
  isHostile = true;
  const { bestLoss } = await town.run();
  await town.until('it went back', async () => (await town.run()).halvings === 1, 600_000);
  isHostile = false;
  const back = await town.run();
  const from = back.round;
  expect(back.rising).toBe(0);
  await settled(town, from + 3);
  const paid = (await town.reader.paidRound(town.id, from))!;
  console.log({
    best: bestLoss / 1e6,
    worst: await lossOf(town, from - 1),
    after: await lossOf(town, from + 3),
  });
  expect(paid.halvings).toBe(1);
  expect(await lossOf(town, from - 1)).toBeGreaterThan((1.05 * bestLoss) / 1e6);
  expect(await lossOf(town, from + 3)).toBeLessThanOrEqual((1.05 * bestLoss) / 1e6);
});

it('a run goes back to its checkpoint at once when its held-out loss is no number, and goes on from there', {
  timeout: 900_000,
}, async () => {
  let isBroken = false;
  const town = await aRunTown({
    recipe: { checkpointEvery: 1 },
    terms: { minTrainers: 2, minTrainSlots: 400, checkpointEvery: 1 },
    judgePlace: (place) =>
      changed(place, ({ loss }) => ({
        loss: (root: string) => (isBroken ? Promise.resolve(Number.NaN) : loss(root)),
      })),
  });
  for (const index of [0, 1]) await town.aTrainer(index);
  await settled(town, 1);
  isBroken = true;
  await town.until('it went back', async () => (await town.run()).halvings === 1, 300_000);
  isBroken = false;
  const { checkpointRoot, round } = await town.run();
  await settled(town, round);
  const paid = (await town.reader.paidRound(town.id, round))!;
  expect(bytesToHex(paid.baseRoot)).toBe(bytesToHex(checkpointRoot));
  expect([paid.isVoid, paid.halvings]).toEqual([false, 1]);
  expect(paid.lines.every(({ pay }) => pay > 0n)).toBe(true);
});
