import { bytesToHex } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { aRunTown } from './run-town.ts';

describe('a training run', () => {
  it('is trained by three together, with the same weights and pay for all; too little memory is refused before the bond', async () => {
    const town = await aRunTown({ terms: { minTrainers: 3 } });
    for (const index of [0, 1, 2]) await town.aTrainer(index);
    await town.until('two rounds are settled', async () => (await town.run()).round >= 3);
    for (const number of [1, 2]) {
      const paid = (await town.reader.paidRound(town.id, number))!;
      expect(paid.isVoid).toBe(false);
      expect(paid.lines.map(({ pay }) => pay > 0n)).toEqual([true, true, true]);
      expect(bytesToHex(paid.newRoot)).not.toBe(bytesToHex(paid.baseRoot));
    }
    const small = town.aMachine('small', undefined, {}, 2 ** 20);
    await expect(town.aRole(3, small.place), 'a machine with too little memory').rejects.toMatchObject({
      problem: { code: 'MEMORY_TOO_LOW', freeBytes: 2 ** 20 },
      message: expect.stringContaining('Nothing was bonded.'),
    });
    const fetched = small.place.library.blobsOf(bytesToHex(town.id));
    expect(fetched, 'the manifest alone').toEqual([town.made.id]);
    expect((await town.run()).seats).toBe(3);
    const brave = town.aMachine('brave', undefined, { isMemoryIgnored: true }, 2 ** 20);
    await town.aRole(4, brave.place);
    expect((await town.run()).seats, 'one that joined all the same').toBe(4);
  });
});
