/**
 * How much each trainer's values count: by the steps it made, and no more than a third of all (of a round of three,
 * a half: a third each would leave no weights at all; rounds of one or two have no cap). Whole numbers.
 *
 * @param steps inner steps of each contributor, at least 1.
 */
export function shareWeights(steps: readonly number[]): number[] {
  if (steps.length < 3) return [...steps];
  const [first, ...others] = steps.toSorted((a, b) => b - a) as [number, ...number[]];
  const rest = others.reduce((sum, step) => sum + step, 0);
  if (steps.length === 3) return steps.map((step) => Math.min(step, rest));
  const half = Math.max(1, Math.floor(rest / 2));
  if (first <= half) return [...steps];
  // With the largest alone cut to half of the others, the second may be above it: then both are cut to what the
  // others make together, and all three parts are equal.
  const second = others[0]!;
  const cap = half >= second ? half : rest - second;
  return steps.map((step) => Math.min(step, cap));
}
