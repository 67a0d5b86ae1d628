import type { Row, UsageRow } from './usage.ts';

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
