/** Rounds that the deadline looks back on. */
const ROUNDS = 8;
const DEVIATIONS = 4;

export interface DeadlineBounds {
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * How long to wait for updates after a round began: median + 4 × the median absolute deviation of what was seen to
 * arrive in the last 8 rounds, within bounds. Without history as long as allowed.
 *
 * @param arrivals of each past round, oldest first, how long each update took, in milliseconds.
 * @see hivemind issue 676, which asks for deadlines that adapt instead of guesses.
 */
export function adaptiveDeadlineMs(arrivals: readonly (readonly number[])[], bounds: DeadlineBounds): number {
  const recent = arrivals.slice(-ROUNDS).flat();
  if (recent.length === 0) return bounds.maxMs;
  const middle = medianOf(recent);
  const deviation = medianOf(recent.map((ms) => Math.abs(ms - middle)));
  return Math.min(bounds.maxMs, Math.max(bounds.minMs, middle + DEVIATIONS * deviation));
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Witnesses that are enough: all of one or two, two of three, two thirds of more. */
export function quorumOf(count: number): number {
  return count <= 2 ? count : Math.max(2, Math.floor((2 * count) / 3));
}
