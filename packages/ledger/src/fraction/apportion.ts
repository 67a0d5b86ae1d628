/**
 * Divides a whole by weight into integers that sum exactly to it: everybody gets the rounded-down quota, and
 * what is left goes one by one to the largest remainders. Nobody is more than one from the exact quota.
 *
 * @param weights at least zero. A weight of zero gets zero.
 * @param precedence of equal remainders the lower one goes first; by default the position.
 * @returns parts in the order of the weights; all zero when the weights are. O(n log n).
 */
export function apportion(
  whole: bigint,
  weights: readonly bigint[],
  precedence: readonly number[] = weights.map((_, index) => index),
): bigint[] {
  let total = 0n;
  for (const weight of weights) total += weight;
  if (total === 0n) return weights.map(() => 0n);
  const parts = weights.map((weight) => (whole * weight) / total);
  const remainders = weights.map((weight) => (whole * weight) % total);
  let left = whole;
  for (const part of parts) left -= part;
  const ranked = [...weights.keys()].sort((a, b) => {
    const [first, second] = [remainders[a]!, remainders[b]!];
    if (first !== second) return first > second ? -1 : 1;
    return precedence[a]! - precedence[b]!;
  });
  for (const index of ranked.slice(0, Number(left))) parts[index]! += 1n;
  return parts;
}
