import type { Tolerance } from './case.ts';

/** A quantity in the unit of the case's tolerance. */
export type Quantity = number | bigint;

/** Collects the differences of one case. */
export interface Comparison {
  /** Compares one quantity. */
  value(name: string, actual: Quantity, expected: Quantity): void;
  /** Compares two lists of equal length. */
  list(name: string, actual: ArrayLike<Quantity>, expected: readonly Quantity[]): void;
  /** Notes a difference that is not a number. */
  note(difference: string): void;
  readonly differences: string[];
}

export function createComparison(tolerance: Tolerance): Comparison {
  const differences: string[] = [];
  /** The list that a name such as `bonds[2]` belongs to has the tolerance. */
  const allowed = (name: string, expected: Quantity): number => {
    if (typeof tolerance === 'number') return tolerance;
    const relative = (tolerance.relative ?? 0) * Math.abs(Number(expected));
    return tolerance[name.split('[')[0] as string] ?? relative;
  };
  const agree = (name: string, actual: Quantity, expected: Quantity): boolean => {
    const most = allowed(name, expected);
    if (typeof actual === 'bigint' && typeof expected === 'bigint') {
      const difference = actual > expected ? actual - expected : expected - actual;
      return difference <= BigInt(Math.floor(most));
    }
    return Math.abs(Number(actual) - Number(expected)) <= most;
  };
  const value = (name: string, actual: Quantity, expected: Quantity): void => {
    if (!agree(name, actual, expected)) differences.push(`${name} is ${actual}, expected ${expected}`);
  };
  return {
    differences,
    value,
    list(name, actual, expected) {
      if (actual.length !== expected.length) {
        differences.push(`${name} has ${actual.length} entries, expected ${expected.length}`);
        return;
      }
      expected.forEach((entry, index) => {
        value(`${name}[${index}]`, actual[index]!, entry);
      });
    },
    note(difference) {
      differences.push(difference);
    },
  };
}
