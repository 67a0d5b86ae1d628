import { accountIdToAddress, bytesToUtf8, hexToBytes, utf8ToBytes } from '@cairn/core';
import type { LedgerReader, RecordStore } from '@cairn/protocol';
import { fetchSeats } from '@cairn/sdk';

export interface CountUpdatesParts {
  readonly chain: LedgerReader;
  readonly records: RecordStore;
}

/** A seat as it was when this node last saw it: its number, its wallet's address, and how many updates were accepted. */
type SeenSeat = readonly [number: number, wallet: string, updates: number];

/**
 * Accepted updates of a run by wallet. The ledger forgets a seat when its bond was returned, so what it had by then is
 * kept here: who is to be counted has to be seen before.
 *
 * @param run in hex
 */
export async function countUpdates(
  { chain, records }: CountUpdatesParts,
  run: string,
): Promise<ReadonlyMap<string, number>> {
  const key = `publisher/seats/${run}`;
  const bytes = records.get(key);
  const kept = bytes === undefined ? '[]' : bytesToUtf8(bytes);
  const seen = new Map((JSON.parse(kept) as SeenSeat[]).map((seat) => [seat[0], seat]));
  for (const { number, wallet, paidRounds } of await fetchSeats(chain, hexToBytes(run)))
    seen.set(number, [number, accountIdToAddress(wallet), paidRounds]);
  const now = JSON.stringify([...seen.values()]);
  if (now !== kept) await records.set(key, utf8ToBytes(now));
  const updates = new Map<string, number>();
  for (const [, wallet, count] of seen.values()) updates.set(wallet, (updates.get(wallet) ?? 0) + count);
  return updates;
}
