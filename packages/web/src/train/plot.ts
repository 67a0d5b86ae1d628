/** A chart's box in its own units; the page scales it. */
export const WIDTH = 480;
export const HEIGHT = 180;
export const LEFT = 44;
export const BOTTOM = 20;
export const TOP = 8;
export const RIGHT = 8;
/** Points drawn at most: more than there are pixels show nothing more. */
const MOST_POINTS = 240;

/**
 * Lines of numbers in the order they came.
 *
 * @param values at least one finite number; others are left out
 * @returns the path of an SVG, and the marks of its axis from low to high
 */
export function plotLine(values: readonly number[]): { path: string; low: number; high: number } {
  const finite = thin(values.filter(Number.isFinite), MOST_POINTS);
  const low = Math.min(...finite);
  const high = Math.max(...finite);
  const span = high - low || Math.max(Math.abs(high), 1) * 0.1;
  const points = finite.map((value, index) => {
    const x = LEFT + ((WIDTH - LEFT - RIGHT) * index) / Math.max(finite.length - 1, 1);
    const y = TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / span);
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  return { path: points.length === 0 ? '' : `M${points.join('L')}`, low, high };
}

/** As many means of neighbours as may be drawn. */
export function thin(values: readonly number[], most: number): readonly number[] {
  if (values.length <= most) return values;
  return Array.from({ length: most }, (_, index) => {
    const start = Math.floor((index * values.length) / most);
    const part = values.slice(start, Math.max(Math.floor(((index + 1) * values.length) / most), start + 1));
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}
