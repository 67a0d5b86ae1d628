import { describe, expect, it } from 'vitest';
import { plotLine, thin } from '../src/train/chart.ts';

describe('plotLine', () => {
  it('goes from left to right, the highest value at the top', () => {
    const { path, low, high } = plotLine([4, 2, 3]);
    const points = path
      .slice(1)
      .split('L')
      .map((point) => point.split(' ').map(Number));
    expect([low, high]).toEqual([2, 4]);
    expect(points.map(([x]) => x)).toEqual(points.map(([x]) => x!).toSorted((a, b) => a - b));
    expect(points[0]![1]).toBeLessThan(points[2]![1]!);
    expect(points[2]![1]).toBeLessThan(points[1]![1]!);
  });

  it('draws one value, equal values and no values', () => {
    expect(plotLine([1]).path).toMatch(/^M[\d.]+ [\d.]+$/);
    expect(plotLine([1, 1, 1]).path).not.toContain('NaN');
    expect(plotLine([]).path).toBe('');
    expect(plotLine([Number.NaN, Number.POSITIVE_INFINITY]).path).toBe('');
  });
});

describe('thin', () => {
  it('keeps the mean of what it puts together', () => {
    const values = Array.from({ length: 1_000 }, (_, index) => index);
    const thinned = thin(values, 10);
    expect(thinned).toHaveLength(10);
    expect(thinned[0]).toBe(49.5);
    expect(thinned.reduce((sum, value) => sum + value, 0) / 10).toBe(499.5);
  });

  it('leaves few values as they are', () => {
    expect(thin([1, 2], 10)).toEqual([1, 2]);
  });
});
