/**
 * The middle one of the prices above zero, or the mean of the two in the middle, rounded down: the price at
 * which a new subnet's pool starts.
 *
 * @param prices in any scale they share, in any order; a pool without a price is left out.
 * @param whenNone the answer when no price is above zero.
 */
export function medianPrice(prices: Iterable<bigint>, whenNone: bigint): bigint {
  const sorted = [...prices].filter((price) => price > 0n).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  if (sorted.length === 0) return whenNone;
  const upper = sorted[sorted.length >> 1]!;
  const lower = sorted[(sorted.length - 1) >> 1]!;
  return (lower + upper) / 2n;
}
