import type { SparseRow } from '@cairn/ledger';
import type { EpochWorld } from './epoch-world.ts';
import { readCount, readCounts, readFields } from './read-fields.ts';

/** A row from pairs of uid and u16, in any order. Zeros stay as explicit zeros. */
export function sparseRow(pairs: readonly (readonly [uid: number, value: number])[]): SparseRow {
  const sorted = [...pairs].sort(([a], [b]) => a - b);
  return {
    uids: Uint16Array.from(sorted, ([uid]) => uid),
    values: Uint16Array.from(sorted, ([, value]) => value),
  };
}

/**
 * A row as `{uid: u16}`, or as a list with one u16 for each uid or, when it is shorter, for each server.
 *
 * @throws ProvingError `VECTOR_FIELD_MALFORMED`
 */
export function readWeightRow(value: unknown, name: string, world: EpochWorld): SparseRow {
  if (Array.isArray(value)) {
    const uids = value.length < world.n ? world.servers : null;
    return sparseRow(readCounts(value, name).map((weight, index) => [uids?.[index] ?? index, weight]));
  }
  const entries = Object.entries(readFields(value, name));
  return sparseRow(
    entries.map(([uid, weight]) => [readCount(uid, `${name} uid`), readCount(weight, `${name}[${uid}]`)]),
  );
}

/** Sets the rows of a list (one for each uid or, when it is shorter, validator) or of a map from uid to row. */
export function setWeights(world: EpochWorld, value: unknown, name: string): void {
  const rows: readonly (readonly [number, unknown])[] = Array.isArray(value)
    ? value.map(
        (row, index) => [value.length < world.n ? (world.validators[index] ?? index) : index, row] as const,
      )
    : Object.entries(readFields(value, name)).map(
        ([uid, row]) => [readCount(uid, `${name} uid`), row] as const,
      );
  for (const [uid, row] of rows) world.setWeights(uid, readWeightRow(row, `${name}[${uid}]`, world));
}
