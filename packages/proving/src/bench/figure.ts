/** One measured value, for people and for comparison with the last run. */
export interface BenchFigure {
  readonly name: string;
  /** The median of the runs. */
  readonly value: number;
  readonly unit: string;
  readonly runs: number;
  /** Lowest and highest run. */
  readonly spread: readonly [low: number, high: number];
  /** The figure that is promised, if there is one. */
  readonly target?: number;
}

export function figureOf(
  name: string,
  unit: string,
  values: readonly number[],
  target?: number,
): BenchFigure {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  const spread = [sorted[0]!, sorted.at(-1)!] as const;
  return {
    name,
    value: median,
    unit,
    runs: values.length,
    spread,
    ...(target === undefined ? {} : { target }),
  };
}
