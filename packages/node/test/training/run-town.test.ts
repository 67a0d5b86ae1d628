import { bytesToHex } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { aRunTown } from './run-town.ts';

describe('a training run', () => {
  it('is trained by three together: the same weights for all, and pay for each', async () => {
    const town = await aRunTown({ terms: { minTrainers: 3 } });
    for (const index of [0, 1, 2]) await town.aTrainer(index);
    await town.until('two rounds are settled', async () => (await town.run()).round >= 3);
    for (const number of [1, 2]) {
      const paid = (await town.reader.paidRound(town.id, number))!;
      expect(paid.isVoid).toBe(false);
      expect(paid.lines.map(({ pay }) => pay > 0n)).toEqual([true, true, true]);
      expect(bytesToHex(paid.newRoot)).not.toBe(bytesToHex(paid.baseRoot));
    }
  });
});
