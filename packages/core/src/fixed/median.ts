import { boundError } from './i32f32.ts';
import type { FixedMatrix } from './matrix.ts';
import { normalize, sumFixed } from './vector.ts';

/** Columns gathered at once, so that every cache line of the row-major matrix is read once. */
const BLOCK = 16;

/**
 * The smallest of the scores at or below which more than `minority` of stake lies; the largest score when
 * no prefix exceeds it. `scores` and `stakes` are scratch space and are reordered.
 *
 * Each step halves the range of candidate values and keeps one side, so a column costs at most
 * 54 · length steps whatever the input, and about 3 · length in practice.
 */
function selectMedian(scores: Float64Array, stakes: Float64Array, length: number, minority: number): number {
  let start = 0;
  let end = length;
  let below = 0;
  for (;;) {
    let low = scores[start]!;
    let high = low;
    for (let i = start + 1; i < end; i += 1) {
      const score = scores[i]!;
      if (score < low) low = score;
      else if (score > high) high = score;
    }
    if (low === high) return low;
    const pivot = low + Math.floor((high - low) / 2);
    let split = start;
    let stakeAtOrBelow = 0;
    for (let i = start; i < end; i += 1) {
      const score = scores[i]!;
      if (score <= pivot) {
        const stake = stakes[i]!;
        stakeAtOrBelow += stake;
        scores[i] = scores[split]!;
        stakes[i] = stakes[split]!;
        scores[split] = score;
        stakes[split] = stake;
        split += 1;
      }
    }
    if (below + stakeAtOrBelow > minority) {
      end = split;
    } else {
      below += stakeAtOrBelow;
      start = split;
    }
  }
}

/**
 * Stake-weighted median of one list of non-negative raw scores: the largest score that at least the
 * majority (total − minority) of stake supports. Zero when the list is empty.
 *
 * @param minority raw; may be negative, then the smallest score is the answer.
 */
export function weightedMedian(stakes: Float64Array, scores: Float64Array, minority: number): number {
  if (stakes.length !== scores.length) {
    throw boundError('weightedMedian', `${stakes.length} stakes for ${scores.length} scores`);
  }
  return scores.length === 0 ? 0 : selectMedian(scores.slice(), stakes.slice(), scores.length, minority);
}

/**
 * Stake-weighted median of every column. Rows without stake have no say; the others' stake is normalised
 * again before it is compared.
 *
 * @param stakes raw stake of each row. Shape [rows].
 * @param majority raw share of stake that must support a value, for example κ = 32,767 / 65,535.
 * @returns raw median of each column. Shape [columns].
 */
export function weightedMedianColumns(
  stakes: Float64Array,
  scores: FixedMatrix,
  majority: number,
): Float64Array {
  const { columns, values } = scores;
  const result = new Float64Array(columns);
  const voters: number[] = [];
  for (let row = 0; row < scores.rows; row += 1) if (stakes[row]! > 0) voters.push(row);
  const count = voters.length;
  if (count === 0) return result;
  const shares = normalize(Float64Array.from(voters, (row) => stakes[row]!));
  const minority = sumFixed(shares) - majority;
  const gathered = new Float64Array(BLOCK * count);
  const column = new Float64Array(count);
  const weights = new Float64Array(count);
  const support = new Float64Array(BLOCK);
  for (let first = 0; first < columns; first += BLOCK) {
    const width = Math.min(BLOCK, columns - first);
    support.fill(0);
    for (let k = 0; k < count; k += 1) {
      const offset = voters[k]! * columns + first;
      const share = shares[k]!;
      for (let c = 0; c < width; c += 1) {
        const value = values[offset + c]!;
        gathered[c * count + k] = value;
        if (value === 0) support[c]! += share;
      }
    }
    for (let c = 0; c < width; c += 1) {
      // A column in which more than the minority gives nothing has median zero: no need to select.
      if (support[c]! > 0 && support[c]! > minority) continue;
      column.set(gathered.subarray(c * count, (c + 1) * count));
      weights.set(shares);
      result[first + c] = selectMedian(column, weights, count, minority);
    }
  }
  return result;
}
