import { bytesToHex } from '@cairn/core';
import type { LedgerReader } from '@cairn/protocol';
import { expect, it } from 'vitest';
import { countUpdates } from '../../../src/training/publisher/count-updates.ts';
import { aRecordStore } from '../../data/parts.ts';
import { aRunTown } from '../run-town.ts';

interface SeatRow {
  readonly number: number;
  readonly wallet: string;
  readonly paidRounds: number;
}

it('counts updates also of seats that the ledger has forgotten, after a restart too', async () => {
  const town = await aRunTown({ validators: 0, trainers: 2 });
  const { place } = town.aMachine('site');
  for (const wallet of [0, 1]) await town.aRole(wallet, { ...place, records: aRecordStore() });
  const run = bytesToHex(town.id);
  const rows = await town.chain.ledger.query<SeatRow[]>('training_seats', { run });
  const [one, two] = rows.map(({ wallet }) => wallet) as [string, string];
  const records = aRecordStore();
  const countOf = async (seats: readonly SeatRow[]) => {
    const chain = { ...town.chain.ledger, query: async () => seats } as unknown as LedgerReader;
    return Object.fromEntries(await countUpdates({ chain, records }, run));
  };
  const seatOf = (at: number, paidRounds: number) => ({ ...rows[at]!, paidRounds });
  expect(await countOf([seatOf(0, 3), seatOf(1, 1)])).toEqual({ [one]: 3, [two]: 1 });
  expect(await countOf([seatOf(0, 4)])).toEqual({ [one]: 4, [two]: 1 });
  expect(await countOf([{ ...seatOf(1, 2), number: 7 }]), 'the second took another seat').toEqual({
    ...{ [one]: 4, [two]: 3 },
  });
  expect(await countOf([])).toEqual({ [one]: 4, [two]: 3 });
});
