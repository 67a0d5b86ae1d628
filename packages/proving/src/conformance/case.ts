/**
 * Largest difference that still agrees: absolute as a number (0 is exact), as `{relative}` to the expected
 * value, or absolute for each quantity by its name.
 */
export type Tolerance = number | Readonly<Record<string, number>>;

/** One figure to reproduce, as read from a file of vectors. */
export interface ConformanceCase {
  /** Name of the file without its extension. */
  readonly file: string;
  /** Position in the file. */
  readonly index: number;
  /** Names the quantity and so the rule that is tested. */
  readonly kind: string;
  readonly input: unknown;
  readonly expected: unknown;
  readonly tolerance: Tolerance;
  /** Where the figure comes from: the upstream test, when the file names one. */
  readonly test: string | null;
}

/** Differences between what a rule gives and what a case expects, as sentences; empty when they agree. */
export type Checker = (conformanceCase: ConformanceCase) => string[];

export interface ConformanceCounts {
  passed: number;
  failed: number;
  skipped: number;
}

export interface ConformanceFailure {
  readonly file: string;
  readonly index: number;
  readonly kind: string;
  readonly test: string | null;
  readonly differences: readonly string[];
}

export interface ConformanceReport extends ConformanceCounts {
  /** Counts of each kind, sorted by name. A kind without a checker is all skipped. */
  readonly kinds: Readonly<Record<string, ConformanceCounts>>;
  readonly failures: readonly ConformanceFailure[];
}
