import { describe, expect, it } from 'vitest';
import { chartSvg, shortNumber } from '../../src/report/svg.ts';

const series = [
  { name: 'one <b>', color: '#111', values: [0, 1, 2, 3] },
  { name: 'two', color: '#222', values: [3, 3, 3, 3] },
];

/** All points of the n-th shape as pairs. */
function pointsOf(svg: string, index: number): number[][] {
  const lists = [...svg.matchAll(/points="([^"]*)"/g)].map(([, text]) => text!);
  return lists[index]!.split(' ').map((pair) => pair.split(',').map(Number));
}

describe('a chart', () => {
  it('draws larger values higher, later ones to the right, all inside its frame', () => {
    const svg = chartSvg({ title: 'Test', unit: 'things', series });
    const points = pointsOf(svg, 0);
    expect(points).toHaveLength(4);
    for (const [index, [x, y]] of points.entries()) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThanOrEqual(640);
      expect(y).toBeGreaterThanOrEqual(0);
      expect(y).toBeLessThanOrEqual(260);
      if (index > 0) {
        expect(x).toBeGreaterThan(points[index - 1]![0]!);
        expect(y).toBeLessThan(points[index - 1]![1]!);
      }
    }
    expect(svg).toContain('one &lt;b&gt;');
  });

  it('stacks bands on each other', () => {
    const svg = chartSvg({ title: 'Test', unit: 'things', series, isStacked: true });
    const lower = pointsOf(svg, 0).slice(0, 4);
    const upperBase = pointsOf(svg, 1).slice(4).reverse();
    expect(upperBase).toEqual(lower);
  });

  it('takes zeros on a logarithmic axis, and nothing at all', () => {
    const zero = [{ name: 'zero', color: '#111', values: [0, 0.1, 100] }];
    expect(chartSvg({ title: 'Log', unit: 'x', series: zero, isLogarithmic: true })).not.toMatch(
      /NaN|Infinity/,
    );
    expect(chartSvg({ title: 'None', unit: 'x', series: [] })).not.toMatch(/NaN|Infinity/);
  });

  it('shortens numbers', () => {
    expect([0, 12_300, 160_047, 2_628_000, 0.0123, 5].map(shortNumber)).toEqual([
      '0',
      '12.3k',
      '160k',
      '2.63M',
      '0.012',
      '5',
    ]);
  });
});
