import { createFixedMatrix, type FixedMatrix, fixedToU16, normalizeRows } from '@cairn/core';
import type { EpochInput, SparseRow } from './epoch-input.ts';

/** Uids whose weights or bonds take part: holders of a permit, and anyone who still has bonds. */
export function rowsInForce(input: EpochInput, permits: Uint8Array): number[] {
  const uids: number[] = [];
  for (let uid = 0; uid < permits.length; uid += 1) {
    if (permits[uid] === 1 || (input.bonds[uid]?.uids.length ?? 0) > 0) uids.push(uid);
  }
  return uids;
}

/**
 * Weights that count, each row normalised to one: only of permit holders, not to oneself (except the
 * owner), and only to miners who were there before the weights were set and, where weights are committed,
 * before they were committed.
 *
 * @returns raw. Shape [rows in force, uids].
 */
export function readWeights(input: EpochInput, permits: Uint8Array, rowUids: readonly number[]): FixedMatrix {
  const n = permits.length;
  const matrix = createFixedMatrix(rowUids.length, n);
  for (let row = 0; row < rowUids.length; row += 1) {
    const uid = rowUids[row]!;
    const weights = input.weights[uid];
    if (permits[uid] !== 1 || weights == null) continue;
    const updated = input.lastUpdate[uid]!;
    const committed = input.earliestCommit === null ? Infinity : input.earliestCommit[uid]!;
    for (let k = 0; k < weights.uids.length; k += 1) {
      const miner = weights.uids[k]!;
      const registered = input.registeredAt[miner]!;
      if (miner === uid && uid !== input.ownerUid) continue;
      if (miner >= n || updated <= registered || committed < registered) continue;
      matrix.values[row * n + miner] = weights.values[k]!;
    }
  }
  return normalizeRows(matrix);
}

/**
 * Stored bonds in u16, without those to miners who registered at or after the last epoch.
 *
 * @returns whole numbers, not raw. Shape [rows in force, uids].
 */
export function readBonds(input: EpochInput, rowUids: readonly number[]): FixedMatrix {
  const n = input.stakes.length;
  const matrix = createFixedMatrix(rowUids.length, n);
  for (let row = 0; row < rowUids.length; row += 1) {
    const bonds = input.bonds[rowUids[row]!];
    if (bonds == null) continue;
    for (let k = 0; k < bonds.uids.length; k += 1) {
      const miner = bonds.uids[k]!;
      if (miner >= n || input.registeredAt[miner]! >= input.lastEpochSlot) continue;
      matrix.values[row * n + miner] = bonds.values[k]!;
    }
  }
  return matrix;
}

/** Bonds to store: the non-zero u16 proportions of rows whose uid has a new permit. */
export function writeBonds(
  bonds: FixedMatrix,
  rowUids: readonly number[],
  newPermits: Uint8Array,
): (SparseRow | null)[] {
  const { columns, values } = bonds;
  const result = new Array<SparseRow | null>(newPermits.length).fill(null);
  const uids = new Uint16Array(columns);
  const proportions = new Uint16Array(columns);
  for (let row = 0; row < rowUids.length; row += 1) {
    const uid = rowUids[row]!;
    if (newPermits[uid] !== 1) continue;
    let length = 0;
    for (let column = 0; column < columns; column += 1) {
      const raw = values[row * columns + column]!;
      if (raw === 0) continue;
      const proportion = fixedToU16(raw);
      if (proportion === 0) continue;
      uids[length] = column;
      proportions[length] = proportion;
      length += 1;
    }
    result[uid] = { uids: uids.slice(0, length), values: proportions.slice(0, length) };
  }
  return result;
}

/** Rows without their bond to one miner, who asked to be judged afresh. */
export function resetBonds(bonds: readonly (SparseRow | null)[], miner: number): (SparseRow | null)[] {
  return bonds.map((row) => {
    const at = row === null ? -1 : row.uids.indexOf(miner);
    if (row === null || at < 0) return row;
    return { uids: row.uids.filter((_, k) => k !== at), values: row.values.filter((_, k) => k !== at) };
  });
}
