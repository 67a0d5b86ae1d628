import type { RunTerms } from './terms.ts';

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[(sorted.length - 1) >> 1] ?? 0;
}

/**
 * How long a round is open for updates: the median of the latest arrivals and four times their median deviation, and
 * at least half as long again as the median, within what the run allows; the most of that while none is known, as after
 * a round to which nobody came. Trainers stop in time for the way into a block: without the half, rounds in which all
 * arrive together would leave each one less time than it took, and shrink from round to round, and who is slower for
 * once would come too late.
 *
 * @param arrivals slots from the start of a round to an update, at most `MAX_ARRIVALS`
 */
export function trainSlotsOf(
  { minTrainSlots, maxTrainSlots }: RunTerms,
  arrivals: readonly number[],
): bigint {
  if (arrivals.length === 0) return BigInt(maxTrainSlots);
  const median = medianOf(arrivals);
  const deviation = medianOf(arrivals.map((arrival) => Math.abs(arrival - median)));
  const wished = median + Math.max(4 * deviation, (median + 1) >> 1) + 1;
  return BigInt(Math.min(maxTrainSlots, Math.max(minTrainSlots, wished)));
}
