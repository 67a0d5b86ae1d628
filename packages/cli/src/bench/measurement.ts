/** One measured figure beside what is promised of it. */
export interface Measurement {
  readonly suite: string;
  readonly name: string;
  readonly unit: string;
  /** The median. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly runs: number;
  /** Null: measured and stated, nothing is promised. */
  readonly target: number | null;
  /** Whether the target is a floor (a rate) or a ceiling (a time, a size). */
  readonly isFloor: boolean;
  /** Null without a target. */
  readonly ok: boolean | null;
}

export function judge(measured: Omit<Measurement, 'ok'>): Measurement {
  const { value, target, isFloor } = measured;
  return { ...measured, ok: target === null ? null : isFloor ? value >= target : value <= target };
}
