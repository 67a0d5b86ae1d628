import {
  clipColumns,
  FIXED_ONE,
  type FixedMatrix,
  maxUpscaleToU16,
  maxUpscaleWeights,
  movingAverage,
  normalize,
  normalizeColumns,
  normalizeRows,
  rowSums,
  sigmoid,
  sumFixed,
  upscaleColumns,
  weightedMedian,
  weightedMedianColumns,
} from '@cairn/core';
import type { Checker, ConformanceCase } from '../case.ts';
import { type Comparison, createComparison } from '../compare.ts';
import { type Fields, readCounts, readFields, readList, readNumber } from '../read-fields.ts';
import { DOUBLE_LITERALS, type LiteralReader, SINGLE_LITERALS } from '../read-literals.ts';

/** Compares what a rule gives for the literals of a case under one way to read them. */
type LiteralChecker = (input: Fields, read: LiteralReader, figures: ReturnType<typeof createFigures>) => void;

/** How one case's figures are compared: exact ones as raw values, others as the numbers they stand for. */
function createFigures({ expected, tolerance }: ConformanceCase, read: LiteralReader) {
  const comparison: Comparison = createComparison(tolerance);
  const one = (name: string, raw: number, wanted: unknown): void => {
    if (tolerance === 0) comparison.value(name, raw, read.raw(wanted, name));
    else comparison.value(name, raw / FIXED_ONE, readNumber(wanted, name));
  };
  const vector = (name: string, actual: ArrayLike<number>, wanted: unknown): void => {
    const entries = readList(wanted, name);
    if (entries.length !== actual.length) {
      comparison.note(`${name} has ${actual.length} entries, expected ${entries.length}`);
    }
    entries.slice(0, actual.length).forEach((entry, index) => {
      one(`${name}[${index}]`, actual[index]!, entry);
    });
  };
  return {
    comparison,
    expected,
    number: (raw: number): void => one('result', raw, expected),
    vector: (raws: ArrayLike<number>): void => vector('result', raws, expected),
    matrix: ({ columns, rows, values }: FixedMatrix): void => {
      const wanted = readList(expected, 'expected');
      if (wanted.length !== rows) comparison.note(`result has ${rows} rows, expected ${wanted.length}`);
      wanted.slice(0, rows).forEach((row, index) => {
        vector(`result[${index}]`, values.subarray(index * columns, (index + 1) * columns), row);
      });
    },
  };
}

/**
 * Some upstream tests write their literals in double precision and some in single, and a case does not say
 * which. It agrees when every figure follows from one of the two readings.
 */
function inEitherPrecision(check: LiteralChecker): Checker {
  const differences = (conformanceCase: ConformanceCase, read: LiteralReader): string[] => {
    const figures = createFigures(conformanceCase, read);
    check(readFields(conformanceCase.input, 'input'), read, figures);
    return figures.comparison.differences;
  };
  return (conformanceCase) => {
    const asDouble = differences(conformanceCase, DOUBLE_LITERALS);
    if (asDouble.length === 0) return [];
    return differences(conformanceCase, SINGLE_LITERALS).length === 0 ? [] : asDouble;
  };
}

const checkWeightedMedian: LiteralChecker = (input, read, figures) => {
  const minority =
    input.minority === undefined || input.minority === '1 - majority'
      ? FIXED_ONE - read.raw(input.majority, 'input.majority')
      : read.raw(input.minority, 'input.minority');
  const below = read.raw(input.partition_lo ?? 0, 'input.partition_lo');
  const stakes = read.vector(input.stake, 'input.stake');
  figures.number(weightedMedian(stakes, read.vector(input.score, 'input.score'), minority - below));
};

const checkWeightedMedianColumns: LiteralChecker = (input, read, figures) => {
  const stakes = read.vector(input.stake, 'input.stake');
  const scores = read.matrix(input.score, 'input.score');
  figures.vector(weightedMedianColumns(stakes, scores, read.raw(input.majority, 'input.majority')));
};

/** A single alpha is a double in the upstream tests whatever the matrices are. */
const checkMovingAverage: LiteralChecker = (input, read, figures) => {
  const next = read.matrix(input.new, 'input.new');
  const previous = read.matrix(input.old, 'input.old');
  const alpha = Array.isArray(input.alpha)
    ? read.matrix(input.alpha, 'input.alpha')
    : DOUBLE_LITERALS.raw(input.alpha, 'input.alpha');
  figures.matrix(movingAverage(next, previous, alpha));
};

const checkSigmoid: LiteralChecker = (input, read, figures) => {
  const slope = read.raw(input.rho, 'input.rho');
  const middle = read.raw(input.kappa, 'input.kappa');
  figures.vector(read.vector(input.x, 'input.x').map((x) => sigmoid(x, slope, middle)));
};

const checkMaxUpscale: LiteralChecker = (input, read, figures) => {
  const vector = readList(input.vector, 'input.vector');
  const wanted = readList(figures.expected, 'expected');
  figures.comparison.list(
    'result',
    maxUpscaleToU16(vector.map((entry, index) => read.fixed(entry, `input.vector[${index}]`))),
    wanted.map((entry, index) => readNumber(entry, `expected[${index}]`)),
  );
};

const checkMaxUpscaleU16: Checker = ({ input, expected, tolerance }) => {
  const comparison = createComparison(tolerance);
  const scaled = maxUpscaleWeights(readCounts(readFields(input, 'input').vector, 'input.vector'));
  comparison.list('result', scaled, readCounts(expected, 'expected'));
  return comparison.differences;
};

export const mathKinds: Readonly<Record<string, Checker>> = {
  weighted_median: inEitherPrecision(checkWeightedMedian),
  weighted_median_col: inEitherPrecision(checkWeightedMedianColumns),
  normalize: inEitherPrecision((input, read, figures) => {
    figures.vector(normalize(read.vector(input.x, 'input.x')));
  }),
  row_normalize: inEitherPrecision((input, read, figures) => {
    figures.matrix(normalizeRows(read.matrix(input.matrix, 'input.matrix')));
  }),
  col_normalize: inEitherPrecision((input, read, figures) => {
    figures.matrix(normalizeColumns(read.matrix(input.matrix, 'input.matrix')));
  }),
  col_clip: inEitherPrecision((input, read, figures) => {
    const limits = read.vector(input.threshold, 'input.threshold');
    figures.matrix(clipColumns(read.matrix(input.matrix, 'input.matrix'), limits));
  }),
  col_max_upscale: inEitherPrecision((input, read, figures) => {
    figures.matrix(upscaleColumns(read.matrix(input.matrix, 'input.matrix')));
  }),
  row_sum: inEitherPrecision((input, read, figures) => {
    figures.vector(rowSums(read.matrix(input.matrix, 'input.matrix')));
  }),
  sum: inEitherPrecision((input, read, figures) => {
    figures.number(sumFixed(read.vector(input.x, 'input.x')));
  }),
  mat_ema_alpha: inEitherPrecision(checkMovingAverage),
  sigmoid_safe: inEitherPrecision(checkSigmoid),
  vec_max_upscale_to_u16: inEitherPrecision(checkMaxUpscale),
  vec_u16_max_upscale_to_u16: checkMaxUpscaleU16,
};
