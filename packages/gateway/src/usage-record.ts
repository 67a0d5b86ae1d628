import type { Row, UsageOf, UsageRow } from './usage.ts';

/** A row of which nothing was counted yet. */
export function emptyRow({ caller, model, endpoint }: UsageOf, day: string): Row {
  return {
    day,
    caller,
    model,
    endpoint,
    requests: 0,
    promptTokens: 0,
    cachedTokens: 0,
    completionTokens: 0,
    images: 0,
    audioSeconds: 0,
    cost: 0n,
  };
}

/** A row as it is kept. */
export function rowToBytes(row: UsageRow): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ ...row, cost: String(row.cost) }));
}

/** Null for what this version did not write. */
export function bytesToRow(bytes: Uint8Array): Row | null {
  try {
    const row = JSON.parse(new TextDecoder().decode(bytes)) as Omit<Row, 'cost'> & { cost: string };
    return { ...row, cost: BigInt(row.cost) };
  } catch {
    return null;
  }
}
