import { describe, expect, it } from 'vitest';
import { aRunTown } from './run-town.ts';

describe('a training run whose owner is gone', () => {
  it('is joined, and begun again when all had left, from what validators keep, with its first rounds forgotten', {
    timeout: 1_200_000,
  }, async () => {
    const town = await aRunTown({
      terms: { minTrainers: 2, maxTrainSlots: 50, vestSlots: 10, caseSlots: 5 },
    });
    const settled = (round: number) =>
      town.until(`round ${round} is settled`, async () => (await town.run()).round > round, 600_000);
    /** Waits until a machine's seat is paid for a round, while slots pass for those who are gone. */
    async function isPaid(trainer: Awaited<ReturnType<typeof town.aTrainer>>, areOthersGone: boolean) {
      let nextMs = 0;
      await town.until(
        'a newcomer is paid',
        async () => {
          if (areOthersGone && performance.now() >= nextMs) {
            await town.pass(3);
            nextMs = performance.now() + 1_000;
          }
          const seat = await town.reader.seat(town.id, trainer.account);
          const paid = await town.reader.paidRound(town.id, (await town.run()).round - 1);
          return paid?.lines.some((line) => line.seat === seat?.number && line.pay > 0n) === true;
        },
        300_000,
      );
    }
    const first = [await town.aTrainer(0), await town.aTrainer(1)];
    await settled(1);
    await town.owner.stop();
    const isForgotten = async () => (await town.run()).keptRound > 1;
    await town.until('the ledger forgot its first round', isForgotten, 600_000);
    expect(await town.reader.latestCheckpoint(town.id)).toBeNull();
    const third = await town.aTrainer(2);
    await isPaid(third, false);

    for (const trainer of [...first, third]) await trainer.stop();
    const left = await town.run();
    const [fourth] = [await town.aTrainer(3), await town.aTrainer(4)];
    await isPaid(fourth, true);
    expect((await town.run()).round).toBeGreaterThan(left.round);
  });
});
