import {
  CoreError,
  clipColumns,
  columnSums,
  createFixedMatrix,
  FIXED_ONE,
  type FixedMatrix,
  fromU16Proportions,
  interpolate,
  movingAverage,
  normalizeColumns,
  normalizeRows,
  rowSums,
  scaleRows,
  upscaleColumns,
  weightedColumnSums,
  weightedRowSums,
} from '@cairn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const proportion = fc.oneof(fc.constant(0), fc.constant(FIXED_ONE), fc.integer({ min: 0, max: FIXED_ONE }));
/** Rows of proportions or of larger values that leave the fast paths. */
function matrices(entry: fc.Arbitrary<number> = proportion): fc.Arbitrary<FixedMatrix> {
  return fc
    .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 20 }))
    .chain(([rows, columns]) =>
      fc
        .array(entry, { minLength: rows * columns, maxLength: rows * columns })
        .map((values) => ({ rows, columns, values: Float64Array.from(values) })),
    );
}
const wide = matrices(fc.integer({ min: 0, max: 2 ** 46 }));

function at(matrix: FixedMatrix, row: number, column: number): bigint {
  return BigInt(matrix.values[row * matrix.columns + column]!);
}

function sum(matrix: FixedMatrix, axis: 'row' | 'column', index: number): bigint {
  let total = 0n;
  const length = axis === 'row' ? matrix.columns : matrix.rows;
  for (let k = 0; k < length; k += 1) total += axis === 'row' ? at(matrix, index, k) : at(matrix, k, index);
  return total;
}

function expectEntries(actual: FixedMatrix, expected: (row: number, column: number) => bigint): void {
  for (let row = 0; row < actual.rows; row += 1) {
    for (let column = 0; column < actual.columns; column += 1) {
      expect(at(actual, row, column), `entry ${row}, ${column}`).toBe(expected(row, column));
    }
  }
}

describe('normalisation', () => {
  it('divides rows and columns by their sums as bigint does', () => {
    fc.assert(
      fc.property(fc.oneof(matrices(), wide), (matrix) => {
        const over = (row: number, column: number, total: bigint): bigint =>
          total === 0n ? 0n : (at(matrix, row, column) << 32n) / total;
        expectEntries(normalizeRows(matrix), (row, column) => over(row, column, sum(matrix, 'row', row)));
        expectEntries(normalizeColumns(matrix), (row, column) =>
          over(row, column, sum(matrix, 'column', column)),
        );
      }),
    );
  });

  it('is exact when more than 32 rows of one add up in a column', () => {
    const rows = 4_096;
    const matrix = createFixedMatrix(rows, 2);
    for (let row = 0; row < rows; row += 1) {
      matrix.values[row * 2] = FIXED_ONE;
      matrix.values[row * 2 + 1] = FIXED_ONE - row;
    }
    const total = sum(matrix, 'column', 1);
    expectEntries(normalizeColumns(matrix), (row, column) =>
      column === 0 ? 1n << 20n : (at(matrix, row, 1) << 32n) / total,
    );
  });

  it('scales the largest entry of each column to one', () => {
    fc.assert(
      fc.property(matrices(), (matrix) => {
        const scaled = upscaleColumns(matrix);
        for (let column = 0; column < matrix.columns; column += 1) {
          let largest = 0n;
          for (let row = 0; row < matrix.rows; row += 1) {
            if (at(scaled, row, column) > largest) largest = at(scaled, row, column);
          }
          expect([0n, 1n << 32n]).toContain(largest);
        }
      }),
    );
  });

  it('reads u16 entries as proportions', () => {
    const matrix: FixedMatrix = { rows: 1, columns: 3, values: Float64Array.of(0, 1, 65_535) };
    expect([...fromU16Proportions(matrix).values]).toEqual([0, 65_537, FIXED_ONE]);
    const above: FixedMatrix = { rows: 1, columns: 1, values: Float64Array.of(65_536) };
    expect(() => fromU16Proportions(above)).toThrow(CoreError);
  });

  it('refuses negative entries and sums beyond 53 bits', () => {
    const negative: FixedMatrix = { rows: 1, columns: 1, values: Float64Array.of(-1) };
    const huge: FixedMatrix = { rows: 1, columns: 2, values: Float64Array.of(2 ** 53 - 1, 1) };
    expect(() => normalizeRows(negative)).toThrow(CoreError);
    expect(() => normalizeRows(huge)).toThrow(CoreError);
  });
});

describe('products', () => {
  it('equal bigint entry by entry and in sum', () => {
    fc.assert(
      fc.property(
        fc.oneof(matrices(), matrices(fc.integer({ min: 0, max: 2 ** 40 }))),
        fc.infiniteStream(proportion),
        (matrix, stream) => {
          const draw = (length: number): Float64Array =>
            Float64Array.from({ length }, () => stream.next().value as number);
          const byRow = draw(matrix.rows);
          const byColumn = draw(matrix.columns);
          const product = (row: number, column: number, factor: number): bigint =>
            (at(matrix, row, column) * BigInt(factor)) >> 32n;
          expectEntries(scaleRows(matrix, byRow), (row, column) => product(row, column, byRow[row]!));
          const columns = weightedColumnSums(matrix, byRow);
          const rows = weightedRowSums(matrix, byColumn);
          for (let column = 0; column < matrix.columns; column += 1) {
            let expected = 0n;
            for (let row = 0; row < matrix.rows; row += 1) expected += product(row, column, byRow[row]!);
            expect(BigInt(columns[column]!)).toBe(expected);
          }
          for (let row = 0; row < matrix.rows; row += 1) {
            let expected = 0n;
            for (let column = 0; column < matrix.columns; column += 1) {
              expected += product(row, column, byColumn[column]!);
            }
            expect(BigInt(rows[row]!)).toBe(expected);
          }
        },
      ),
    );
  });

  it('refuse factors that are not proportions or do not fit', () => {
    const matrix = createFixedMatrix(2, 3);
    expect(() => scaleRows(matrix, Float64Array.of(0, FIXED_ONE + 1))).toThrow(CoreError);
    expect(() => weightedRowSums(matrix, Float64Array.of(0))).toThrow(CoreError);
  });
});

describe('sums, clipping, interpolation and averages', () => {
  it('sum rows and columns', () => {
    fc.assert(
      fc.property(wide, (matrix) => {
        rowSums(matrix).forEach((value, row) => {
          expect(BigInt(value)).toBe(sum(matrix, 'row', row));
        });
        columnSums(matrix).forEach((value, column) => {
          expect(BigInt(value)).toBe(sum(matrix, 'column', column));
        });
      }),
    );
  });

  it('clip at the limit of the column', () => {
    const matrix: FixedMatrix = { rows: 2, columns: 2, values: Float64Array.of(1, 5, 3, 2) };
    expect([...clipColumns(matrix, Float64Array.of(2, 4)).values]).toEqual([1, 4, 2, 2]);
  });

  it('interpolate with the product rounded towards minus infinity', () => {
    fc.assert(
      fc.property(matrices(), proportion, fc.infiniteStream(proportion), (from, ratio, stream) => {
        const to = { ...from, values: from.values.map(() => stream.next().value as number) };
        expectEntries(interpolate(from, to, ratio), (row, column) => {
          const change = at(to, row, column) - at(from, row, column);
          return at(from, row, column) + ((BigInt(ratio) * change) >> 32n);
        });
      }),
    );
  });

  it('average and stop at one', () => {
    fc.assert(
      fc.property(
        fc.oneof(matrices(), matrices(fc.integer({ min: 0, max: 2 ** 40 }))),
        proportion,
        fc.infiniteStream(proportion),
        (next, alpha, stream) => {
          const previous = { ...next, values: next.values.map(() => stream.next().value as number) };
          const one = 1n << 32n;
          const expected = (share: bigint, row: number, column: number): bigint => {
            const value =
              ((share * at(next, row, column)) >> 32n) + (((one - share) * at(previous, row, column)) >> 32n);
            return value > one ? one : value;
          };
          expectEntries(movingAverage(next, previous, alpha), (row, column) =>
            expected(BigInt(alpha), row, column),
          );
          const alphas = { ...next, values: next.values.map(() => stream.next().value as number) };
          expectEntries(movingAverage(next, previous, alphas), (row, column) =>
            expected(at(alphas, row, column), row, column),
          );
        },
      ),
    );
  });
});
