import {
  boundError,
  div,
  divFast,
  FAST_DIVIDEND_LIMIT,
  FAST_DIVISOR_LIMIT,
  FIXED_ONE,
  mulFast,
  mulSigned,
  mulUpFast,
  mulWide,
  U16_MAX,
} from './i32f32.ts';

const TWO_32 = FIXED_ONE;
const TWO_53 = 9_007_199_254_740_992;

/** Non-negative raw I32F32 values, row-major. */
export interface FixedMatrix {
  readonly rows: number;
  readonly columns: number;
  /** Shape [rows · columns]. */
  readonly values: Float64Array;
}

/** A matrix of zeros. */
export function createFixedMatrix(rows: number, columns: number): FixedMatrix {
  return { rows, columns, values: new Float64Array(rows * columns) };
}

/** The largest entry. Checks that all are non-negative. @throws CoreError `FIXED_POINT_BOUND` */
function largestEntry(matrix: FixedMatrix, operation: string): number {
  const { values } = matrix;
  let max = 0;
  let min = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!;
    if (value > max) max = value;
    if (value < min) min = value;
  }
  if (min < 0) throw boundError(operation, `entry ${min} is negative`);
  if (max >= TWO_53) throw boundError(operation, `entry ${max} does not fit 53 bits`);
  return max;
}

function requireShape(operation: string, expected: number, actual: number): void {
  if (expected !== actual) throw boundError(operation, `length ${actual} where ${expected} is needed`);
}

/** Up to here a dividend times 2^32 is exact, so that one rounded-down division suffices. */
const TINY_DIVIDEND_LIMIT = 2_097_152;

function requireSum(sum: number, operation: string): void {
  if (!(sum < TWO_53)) throw boundError(operation, `sum ${sum} does not fit 53 bits`);
}

/** Sum of each row. Shape [rows]. @throws CoreError `FIXED_POINT_BOUND` */
export function rowSums(matrix: FixedMatrix): Float64Array {
  const { rows, columns, values } = matrix;
  const sums = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    let sum = 0;
    for (let i = row * columns, end = i + columns; i < end; i += 1) sum += values[i]!;
    requireSum(sum, 'rowSums');
    sums[row] = sum;
  }
  return sums;
}

/** Sum of each column. Shape [columns]. @throws CoreError `FIXED_POINT_BOUND` */
export function columnSums(matrix: FixedMatrix): Float64Array {
  const { rows, columns, values } = matrix;
  const sums = new Float64Array(columns);
  for (let row = 0, i = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1, i += 1) sums[column]! += values[i]!;
  }
  for (let column = 0; column < columns; column += 1) requireSum(sums[column]!, 'columnSums');
  return sums;
}

/** Each row divided by its sum, rounded down; rows of zeros stay. @throws CoreError `FIXED_POINT_BOUND` */
export function normalizeRows(matrix: FixedMatrix): FixedMatrix {
  const { rows, columns, values } = matrix;
  const largest = largestEntry(matrix, 'normalizeRows');
  const sums = rowSums(matrix);
  const result = createFixedMatrix(rows, columns);
  const out = result.values;
  for (let row = 0; row < rows; row += 1) {
    const sum = sums[row]!;
    if (sum === 0) continue;
    const start = row * columns;
    const end = start + columns;
    if (largest < TINY_DIVIDEND_LIMIT) {
      for (let i = start; i < end; i += 1) out[i] = Math.floor((values[i]! * TWO_32) / sum);
    } else {
      const isFast = largest < FAST_DIVIDEND_LIMIT && sum < FAST_DIVISOR_LIMIT;
      for (let i = start; i < end; i += 1) {
        const value = values[i]!;
        if (value !== 0) out[i] = isFast ? divFast(value, sum) : div(value, sum);
      }
    }
  }
  return result;
}

/** Raw proportions of entries in u16. @throws CoreError `FIXED_POINT_BOUND` when one is not a u16. */
export function fromU16Proportions(matrix: FixedMatrix): FixedMatrix {
  const { rows, columns, values } = matrix;
  if (largestEntry(matrix, 'fromU16Proportions') > U16_MAX) {
    throw boundError('fromU16Proportions', 'an entry is above 65,535');
  }
  const result = createFixedMatrix(rows, columns);
  const out = result.values;
  for (let i = 0; i < values.length; i += 1) out[i] = Math.floor((values[i]! * TWO_32) / U16_MAX);
  return result;
}

/** Each column divided by the given divisor, rounded down; columns with divisor zero stay. */
function divideColumns(matrix: FixedMatrix, divisors: Float64Array, operation: string): FixedMatrix {
  const { rows, columns, values } = matrix;
  let largestDivisor = 0;
  for (let column = 0; column < columns; column += 1) {
    largestDivisor = Math.max(largestDivisor, divisors[column]!);
  }
  const isFast = largestEntry(matrix, operation) < FAST_DIVIDEND_LIMIT && largestDivisor < FAST_DIVISOR_LIMIT;
  const result = createFixedMatrix(rows, columns);
  const out = result.values;
  for (let row = 0, i = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1, i += 1) {
      const value = values[i]!;
      if (value === 0) continue;
      const divisor = divisors[column]!;
      out[i] = isFast ? divFast(value, divisor) : div(value, divisor);
    }
  }
  return result;
}

/** Each column divided by its sum, rounded down; columns of zeros stay. @throws CoreError `FIXED_POINT_BOUND` */
export function normalizeColumns(matrix: FixedMatrix): FixedMatrix {
  return divideColumns(matrix, columnSums(matrix), 'normalizeColumns');
}

/** Each column divided by its largest entry, rounded down, so that the largest becomes one. */
export function upscaleColumns(matrix: FixedMatrix): FixedMatrix {
  const { rows, columns, values } = matrix;
  const largest = new Float64Array(columns);
  for (let row = 0, i = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1, i += 1) {
      if (values[i]! > largest[column]!) largest[column] = values[i]!;
    }
  }
  return divideColumns(matrix, largest, 'upscaleColumns');
}

function requireProportions(vector: Float64Array, operation: string): void {
  for (let i = 0; i < vector.length; i += 1) {
    const value = vector[i]!;
    if (!(value >= 0 && value <= TWO_32)) throw boundError(operation, `factor ${value} is not a proportion`);
  }
}

/** Each row times a proportion. @param factors shape [rows]. @throws CoreError `FIXED_POINT_BOUND` */
export function scaleRows(matrix: FixedMatrix, factors: Float64Array): FixedMatrix {
  const { rows, columns, values } = matrix;
  requireShape('scaleRows', rows, factors.length);
  requireProportions(factors, 'scaleRows');
  const isSmall = largestEntry(matrix, 'scaleRows') < FAST_DIVIDEND_LIMIT;
  const result = createFixedMatrix(rows, columns);
  const out = result.values;
  for (let row = 0; row < rows; row += 1) {
    const factor = factors[row]!;
    if (factor === 0) continue;
    for (let i = row * columns, end = i + columns; i < end; i += 1) {
      const value = values[i]!;
      if (value !== 0) out[i] = isSmall ? mulFast(factor, value) : mulWide(factor, value);
    }
  }
  return result;
}

/** Σ over rows of factor times entry, each product rounded down. @returns shape [columns]. */
export function weightedColumnSums(matrix: FixedMatrix, factors: Float64Array): Float64Array {
  const { rows, columns, values } = matrix;
  requireShape('weightedColumnSums', rows, factors.length);
  requireProportions(factors, 'weightedColumnSums');
  const isSmall = largestEntry(matrix, 'weightedColumnSums') < FAST_DIVIDEND_LIMIT;
  const sums = new Float64Array(columns);
  for (let row = 0; row < rows; row += 1) {
    const factor = factors[row]!;
    if (factor === 0) continue;
    const offset = row * columns;
    for (let column = 0; column < columns; column += 1) {
      const value = values[offset + column]!;
      if (value !== 0) sums[column]! += isSmall ? mulFast(factor, value) : mulWide(factor, value);
    }
  }
  for (let column = 0; column < columns; column += 1) requireSum(sums[column]!, 'weightedColumnSums');
  return sums;
}

/** Σ over columns of factor times entry, each product rounded down. @returns shape [rows]. */
export function weightedRowSums(matrix: FixedMatrix, factors: Float64Array): Float64Array {
  const { rows, columns, values } = matrix;
  requireShape('weightedRowSums', columns, factors.length);
  requireProportions(factors, 'weightedRowSums');
  const isSmall = largestEntry(matrix, 'weightedRowSums') < FAST_DIVIDEND_LIMIT;
  const sums = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const offset = row * columns;
    let sum = 0;
    for (let column = 0; column < columns; column += 1) {
      const value = values[offset + column]!;
      if (value !== 0) {
        const factor = factors[column]!;
        sum += isSmall ? mulFast(factor, value) : mulWide(factor, value);
      }
    }
    requireSum(sum, 'weightedRowSums');
    sums[row] = sum;
  }
  return sums;
}

/** Entries above their column's limit become the limit. @param limits shape [columns]. */
export function clipColumns(matrix: FixedMatrix, limits: Float64Array): FixedMatrix {
  const { rows, columns, values } = matrix;
  requireShape('clipColumns', columns, limits.length);
  const result = createFixedMatrix(rows, columns);
  const out = result.values;
  for (let row = 0, i = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1, i += 1) {
      const value = values[i]!;
      const limit = limits[column]!;
      out[i] = value > limit ? limit : value;
    }
  }
  return result;
}

/**
 * from + ratio · (to − from), the product rounded towards minus infinity. At ratio zero and one the result
 * is the matrix itself, without rounding and without a copy.
 *
 * @throws CoreError `FIXED_POINT_BOUND`
 */
export function interpolate(from: FixedMatrix, to: FixedMatrix, ratio: number): FixedMatrix {
  if (ratio === 0) return from;
  if (ratio === FIXED_ONE) return to;
  requireShape('interpolate', from.values.length, to.values.length);
  requireAlpha(ratio, 'interpolate');
  const isSmall =
    largestEntry(from, 'interpolate') < FAST_DIVIDEND_LIMIT &&
    largestEntry(to, 'interpolate') < FAST_DIVIDEND_LIMIT;
  const result = createFixedMatrix(from.rows, from.columns);
  const out = result.values;
  for (let i = 0; i < out.length; i += 1) {
    const start = from.values[i]!;
    const change = to.values[i]! - start;
    if (change === 0) out[i] = start;
    else if (!isSmall) out[i] = start + mulSigned(ratio, change);
    else out[i] = change > 0 ? start + mulFast(ratio, change) : start - mulUpFast(ratio, -change);
  }
  return result;
}

function requireAlpha(alpha: number, operation: string): void {
  if (!(alpha >= 0 && alpha <= FIXED_ONE)) throw boundError(operation, `${alpha} is not a proportion`);
}

/**
 * Moving average alpha · next + (1 − alpha) · previous, each product rounded down and the sum at most one.
 *
 * @param alpha one raw proportion, or one for each entry.
 * @throws CoreError `FIXED_POINT_BOUND`
 */
export function movingAverage(
  next: FixedMatrix,
  previous: FixedMatrix,
  alpha: number | FixedMatrix,
): FixedMatrix {
  requireShape('movingAverage', next.values.length, previous.values.length);
  const result = createFixedMatrix(next.rows, next.columns);
  const out = result.values;
  const isSmall =
    largestEntry(next, 'movingAverage') < FAST_DIVIDEND_LIMIT &&
    largestEntry(previous, 'movingAverage') < FAST_DIVIDEND_LIMIT;
  const alphas = typeof alpha === 'number' ? null : alpha.values;
  if (alphas === null) requireAlpha(alpha as number, 'movingAverage');
  else requireShape('movingAverage', next.values.length, alphas.length);
  for (let i = 0; i < out.length; i += 1) {
    const now = next.values[i]!;
    const before = previous.values[i]!;
    if (now === 0 && before === 0) continue;
    const share = alphas === null ? (alpha as number) : alphas[i]!;
    if (alphas !== null) requireAlpha(share, 'movingAverage');
    const kept = FIXED_ONE - share;
    const value = isSmall
      ? mulFast(share, now) + mulFast(kept, before)
      : mulWide(share, now) + mulWide(kept, before);
    out[i] = value > FIXED_ONE ? FIXED_ONE : value;
  }
  return result;
}
