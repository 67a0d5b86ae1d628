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

/** ⌊factor · value / 2^32⌋ of a proportion and an entry: fast below 2^37, else checked. */
function mulEntry(factor: number, value: number): number {
  return value >= 0 && value < FAST_DIVIDEND_LIMIT ? mulFast(factor, value) : mulWide(factor, value);
}

/** ⌊value · 2^32 / divisor⌋ of an entry: fast in the proven ranges, else checked. */
function divEntry(value: number, divisor: number): number {
  return value >= 0 && value < FAST_DIVIDEND_LIMIT && divisor > 0 && divisor < FAST_DIVISOR_LIMIT
    ? divFast(value, divisor)
    : div(value, divisor);
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
  const sums = rowSums(matrix);
  const result = createFixedMatrix(rows, columns);
  const out = result.values;
  for (let row = 0; row < rows; row += 1) {
    const sum = sums[row]!;
    if (sum === 0) continue;
    for (let i = row * columns, end = i + columns; i < end; i += 1) {
      const value = values[i]!;
      if (value === 0) continue;
      out[i] =
        value > 0 && value < TINY_DIVIDEND_LIMIT ? Math.floor((value * TWO_32) / sum) : divEntry(value, sum);
    }
  }
  return result;
}

/** Raw proportions of entries in u16. @throws CoreError `FIXED_POINT_BOUND` when one is not a u16. */
export function fromU16Proportions(matrix: FixedMatrix): FixedMatrix {
  const { rows, columns, values } = matrix;
  const result = createFixedMatrix(rows, columns);
  const out = result.values;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!;
    if (!(value >= 0 && value <= U16_MAX)) throw boundError('fromU16Proportions', `${value} is not a u16`);
    out[i] = Math.floor((value * TWO_32) / U16_MAX);
  }
  return result;
}

/** Each column divided by the given divisor, rounded down; columns with divisor zero stay. */
function divideColumns(matrix: FixedMatrix, divisors: Float64Array): FixedMatrix {
  const { rows, columns, values } = matrix;
  const result = createFixedMatrix(rows, columns);
  const out = result.values;
  for (let row = 0, i = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1, i += 1) {
      const value = values[i]!;
      if (value !== 0) out[i] = divEntry(value, divisors[column]!);
    }
  }
  return result;
}

/** Each column divided by its sum, rounded down; columns of zeros stay. @throws CoreError `FIXED_POINT_BOUND` */
export function normalizeColumns(matrix: FixedMatrix): FixedMatrix {
  return divideColumns(matrix, columnSums(matrix));
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
  return divideColumns(matrix, largest);
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
  const result = createFixedMatrix(rows, columns);
  const out = result.values;
  for (let row = 0; row < rows; row += 1) {
    const factor = factors[row]!;
    if (factor === 0) continue;
    for (let i = row * columns, end = i + columns; i < end; i += 1) {
      const value = values[i]!;
      if (value !== 0) out[i] = mulEntry(factor, value);
    }
  }
  return result;
}

/** Σ over rows of factor times entry, each product rounded down. @returns shape [columns]. */
export function weightedColumnSums(matrix: FixedMatrix, factors: Float64Array): Float64Array {
  const { rows, columns, values } = matrix;
  requireShape('weightedColumnSums', rows, factors.length);
  requireProportions(factors, 'weightedColumnSums');
  const sums = new Float64Array(columns);
  for (let row = 0; row < rows; row += 1) {
    const factor = factors[row]!;
    if (factor === 0) continue;
    const offset = row * columns;
    for (let column = 0; column < columns; column += 1) {
      const value = values[offset + column]!;
      if (value !== 0) sums[column]! += mulEntry(factor, value);
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
  const sums = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const offset = row * columns;
    let sum = 0;
    for (let column = 0; column < columns; column += 1) {
      const value = values[offset + column]!;
      if (value !== 0) {
        const factor = factors[column]!;
        sum += mulEntry(factor, value);
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
  const result = createFixedMatrix(from.rows, from.columns);
  const out = result.values;
  for (let i = 0; i < out.length; i += 1) {
    const start = from.values[i]!;
    const change = to.values[i]! - start;
    if (change === 0) out[i] = start;
    else if (change < 0 && change > -FAST_DIVIDEND_LIMIT) out[i] = start - mulUpFast(ratio, -change);
    else out[i] = start + mulSigned(ratio, change);
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
  const alphas = typeof alpha === 'number' ? null : alpha.values;
  if (alphas === null) requireAlpha(alpha as number, 'movingAverage');
  else requireShape('movingAverage', next.values.length, alphas.length);
  for (let i = 0; i < out.length; i += 1) {
    const now = next.values[i]!;
    const before = previous.values[i]!;
    if (now === 0 && before === 0) continue;
    const share = alphas === null ? (alpha as number) : alphas[i]!;
    if (alphas !== null) requireAlpha(share, 'movingAverage');
    const value = mulEntry(share, now) + mulEntry(FIXED_ONE - share, before);
    out[i] = value > FIXED_ONE ? FIXED_ONE : value;
  }
  return result;
}
