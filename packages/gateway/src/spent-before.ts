import type { Amount } from '@cairn/core';
import type { RecordStore } from '@cairn/protocol';
import type { UsageRow } from './usage.ts';

/** What was spent before the rows that are kept, by caller: a limit in all holds for longer than they do. */
export interface SpentBefore {
  /** Those who spent something. */
  readonly sums: ReadonlyMap<string, Amount>;
  /** Adds a row that is not kept any longer. Resolves when that is durable. */
  add(row: Pick<UsageRow, 'caller' | 'cost'>): Promise<void>;
}

const SPENT = 'gateway/spent/';

/** @param isKept whether the sum of a caller matters; that of others is removed */
export function createSpentBefore(
  records: RecordStore | undefined,
  isKept: (caller: string) => boolean,
  onLost: (error: unknown) => void,
): SpentBefore {
  const sums = new Map<string, Amount>();
  for (const key of [...(records?.keys(SPENT) ?? [])]) {
    const caller = decodeURIComponent(key.slice(SPENT.length));
    const bytes = records?.get(key);
    if (isKept(caller) && bytes !== undefined) sums.set(caller, BigInt(new TextDecoder().decode(bytes)));
    else records?.delete(key).catch(onLost);
  }

  return {
    sums,
    async add({ caller, cost }) {
      if (!isKept(caller)) return;
      const sum = (sums.get(caller) ?? 0n) + cost;
      sums.set(caller, sum);
      await records?.set(SPENT + encodeURIComponent(caller), new TextEncoder().encode(String(sum)));
    },
  };
}
