/** Inequality of amounts: 0 when all have the same, towards 1 when one has all. */
export function giniOf(amounts: readonly number[]): number {
  const sorted = amounts.toSorted((a, b) => a - b);
  const total = sorted.reduce((sum, amount) => sum + amount, 0);
  if (total === 0) return 0;
  const weighted = sorted.reduce((sum, amount, index) => sum + (index + 1) * amount, 0);
  return (2 * weighted) / (sorted.length * total) - (sorted.length + 1) / sorted.length;
}

/** Nakamoto coefficient: the fewest that together hold more than a third, and so can stop a chain. */
export function nakamotoOf(amounts: readonly number[]): number {
  const total = amounts.reduce((sum, amount) => sum + amount, 0);
  let held = 0;
  let count = 0;
  for (const amount of amounts.toSorted((a, b) => b - a)) {
    if (held > total / 3) break;
    held += amount;
    count += 1;
  }
  return count;
}
