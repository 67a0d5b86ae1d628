import {
  FIXED_ONE,
  type FixedMatrix,
  normalize,
  sumFixed,
  weightedMedian,
  weightedMedianColumns,
} from '@cairn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/** By definition: sort by score and walk until more than the minority lies at or below. */
function medianOracle(stakes: readonly number[], scores: readonly number[], minority: number): number {
  const order = [...scores.keys()].sort((a, b) => scores[a]! - scores[b]!);
  const distinct = [...new Set(order.map((index) => scores[index]!))];
  for (const score of distinct) {
    const below = order.filter((index) => scores[index]! <= score);
    if (below.reduce((sum, index) => sum + stakes[index]!, 0) > minority) return score;
  }
  return distinct.at(-1) ?? 0;
}

const score = fc.oneof(
  fc.constantFrom(0, 1, 2, FIXED_ONE / 2, FIXED_ONE),
  fc.integer({ min: 0, max: FIXED_ONE }),
);
const voters = fc.array(fc.record({ stake: fc.integer({ min: 0, max: FIXED_ONE }), score }), {
  maxLength: 30,
});

describe('weightedMedian', () => {
  it('agrees with its definition', () => {
    fc.assert(
      fc.property(voters, fc.double({ min: -0.1, max: 1.1, noNaN: true }), (list, share) => {
        const stakes = list.map((voter) => voter.stake);
        const scores = list.map((voter) => voter.score);
        const minority = Math.round(share * stakes.reduce((sum, stake) => sum + stake, 0));
        expect(weightedMedian(Float64Array.from(stakes), Float64Array.from(scores), minority)).toBe(
          medianOracle(stakes, scores, minority),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('leaves its arguments as they were', () => {
    const stakes = Float64Array.of(3, 1, 2);
    const scores = Float64Array.of(30, 10, 20);
    weightedMedian(stakes, scores, 3);
    expect([...stakes, ...scores]).toEqual([3, 1, 2, 30, 10, 20]);
  });
});

describe('weightedMedianColumns', () => {
  it('gives each column the median of the rows that have stake', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 40 }),
        fc.infiniteStream(score),
        fc.infiniteStream(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: FIXED_ONE }))),
        fc.integer({ min: 0, max: FIXED_ONE }),
        (rows, columns, scores, stakes, majority) => {
          const matrix: FixedMatrix = {
            rows,
            columns,
            values: Float64Array.from({ length: rows * columns }, () => scores.next().value as number),
          };
          const stake = Float64Array.from({ length: rows }, () => stakes.next().value as number);
          const medians = weightedMedianColumns(stake, matrix, majority);
          const used = [...stake.keys()].filter((row) => stake[row]! > 0);
          const shares = normalize(Float64Array.from(used, (row) => stake[row]!));
          const minority = sumFixed(shares) - majority;
          for (let column = 0; column < columns; column += 1) {
            const list = used.map((row) => matrix.values[row * columns + column]!);
            expect(medians[column], `column ${column}`).toBe(medianOracle([...shares], list, minority));
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
