import { describe, expect, it } from 'vitest';
import { formatBytes, formatNumber, formatSeconds } from '../src/train/plain-numbers.ts';
import { marksOf, type Point, plotLines, thin } from '../src/train/plot.ts';

const BOX = { width: 400, height: 200, left: 40, right: 10, top: 10, bottom: 20 };
const line = (...values: number[]): Point[] => values.map((value, index) => [index, value]);
const placesOf = (path: string): number[][] =>
  path
    .slice(1)
    .split('L')
    .map((point) => point.split(' ').map(Number));

describe('plotLines', () => {
  it('goes from left to right inside the box, the highest value at the top', () => {
    const { paths, marks, ends } = plotLines([line(4, 2, 3)], BOX)!;
    const points = placesOf(paths[0]!);
    expect(points.map(([x]) => x)).toEqual([40, 215, 390]);
    expect(points.map(([, y]) => y)).toEqual([10, 180, 95]);
    expect(marks.map(({ value }) => value)).toEqual([2, 2.5, 3, 3.5, 4]);
    expect(ends.map(({ value, at }) => [value, at])).toEqual([
      [0, 40],
      [2, 390],
    ]);
  });

  it('draws several lines on one scale', () => {
    const { paths, marks } = plotLines([line(0, 1), line(9, 10)], BOX)!;
    expect(paths).toHaveLength(2);
    expect([marks[0]!.value, marks.at(-1)!.value]).toEqual([0, 10]);
    expect(placesOf(paths[0]!)[0]![1]).toBe(180);
    expect(placesOf(paths[1]!)[1]![1]).toBe(10);
  });

  it('draws one value, equal values, and says when there is none', () => {
    expect(plotLines([line(1)], BOX)!.paths[0]).toMatch(/^M390\.0 [\d.]+h0\.1$/);
    expect(plotLines([line(1, 1, 1)], BOX)!.paths[0]).not.toContain('NaN');
    expect(plotLines([line(0, 0)], BOX, { isFromZero: true })!.paths[0]).not.toContain('NaN');
    expect(plotLines([[], []], BOX)).toBeNull();
    expect(plotLines([line(Number.NaN, Number.POSITIVE_INFINITY)], BOX)).toBeNull();
  });

  it('holds a count until it changes, and marks whole numbers alone', () => {
    const { paths, marks } = plotLines([line(1, 1, 3)], BOX, {
      ...{ isStepped: true, isWhole: true, isFromZero: true },
    })!;
    expect(paths[0]).toMatch(/^M[\d.]+ [\d.]+H[\d.]+V[\d.]+H[\d.]+V[\d.]+$/);
    expect(marks.map(({ value }) => value)).toEqual([0, 1, 2, 3]);
  });
});

describe('marksOf', () => {
  it.each([
    [0, 1],
    [0, 0],
    [3, 3],
    [-2, 7],
    [2.31, 2.32],
    [0, 123_456],
  ])('are round, even, and have %f to %f between them', (low, high) => {
    const marks = marksOf(low, high);
    expect(marks.length).toBeGreaterThanOrEqual(2);
    expect(marks.length).toBeLessThanOrEqual(6);
    expect(marks[0]!).toBeLessThanOrEqual(low);
    expect(marks.at(-1)!).toBeGreaterThanOrEqual(high);
  });
});

describe('thin', () => {
  it('keeps the mean of what it puts together', () => {
    const thinned = thin(line(...Array.from({ length: 1_000 }, (_, index) => index)), 10);
    expect(thinned).toHaveLength(10);
    expect(thinned[0]).toEqual([99, 49.5]);
    expect(thinned.reduce((sum, [, y]) => sum + y, 0) / 10).toBe(499.5);
  });

  it('of counts keeps the last, and leaves few values as they are', () => {
    expect(thin(line(1, 2, 3, 4), 2, true)).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(thin(line(1, 2), 10)).toEqual(line(1, 2));
  });
});

describe('numbers for people', () => {
  it('have units and no more digits than tell them apart', () => {
    expect([0, 999, 1_500, 12_345, 2_500_000, 3e9].map(formatBytes)).toEqual([
      ...['0 B', '999 B', '1.5 kB', '12.3 kB', '2.5 MB', '3 GB'],
    ]);
    expect([0, 2.5, 0.125, 1_234, 12_345, 2_500_000].map(formatNumber)).toEqual([
      ...['0', '2.5', '0.125', '1234', '12.3 k', '2.5 M'],
    ]);
    expect([0, 65, 3_700].map(formatSeconds)).toEqual(['0:00 min', '1:05 min', '1:01 h']);
  });
});
