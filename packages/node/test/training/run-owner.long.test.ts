import { bytesToHex } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { aRunTown } from './run-town.ts';

describe('a training run whose owner is gone', () => {
  it('is joined from what validators keep, when the ledger has forgotten its first rounds', {
    timeout: 900_000,
  }, async () => {
    const town = await aRunTown({
      terms: { minTrainers: 2, vestSlots: 10, caseSlots: 5 },
      trainers: 8,
    });
    const settled = (round: number) =>
      town.until(`round ${round} is settled`, async () => (await town.run()).round > round, 600_000);
    const first = [await town.aTrainer(0), await town.aTrainer(1)];
    await settled(1);
    await town.owner.stop();
    await town.until(
      'the ledger forgot its first round',
      async () => (await town.run()).keptRound > 1,
      600_000,
    );
    expect(await town.reader.latestCheckpoint(town.id)).toBeNull();
    const newcomer = await town.aTrainer(2);
    const isPaid = async () => {
      const seat = await town.reader.seat(town.id, newcomer.account);
      const { round } = await town.run();
      const paid = await town.reader.paidRound(town.id, round - 1);
      return paid?.lines.some((line) => line.seat === seat?.number && line.pay > 0n) === true;
    };
    await town.until('the newcomer is paid', isPaid, 300_000);
    expect(town.log.lines.filter((line) => line.includes('checkpoint kept')).length).toBeGreaterThan(1);
    const held = town.judges[0]!.place.library.blobsOf(bytesToHex(town.id)).length;
    expect(first.length, `${held} blobs at the validator`).toBe(2);
  });
});
