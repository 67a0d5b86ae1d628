/** A chart's box in its own units; the page scales it. */
const WIDTH = 480;
const HEIGHT = 180;
const LEFT = 44;
const BOTTOM = 20;
const TOP = 8;
const RIGHT = 8;
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

/** Draws values into an element, in place of what it showed. */
export function drawChart(place: HTMLElement, values: readonly number[], label: string): void {
  const svg = element('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': label });
  const { path, low, high } = plotLine(values);
  if (path !== '') {
    for (const [value, y] of [
      [high, TOP],
      [low, HEIGHT - BOTTOM],
    ] as const) {
      svg.append(element('line', { class: 'grid', x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y }));
      const text = element('text', { x: LEFT - 6, y: y + 4, 'text-anchor': 'end' });
      text.textContent = value >= 100 ? value.toFixed(0) : value.toFixed(2);
      svg.append(text);
    }
    svg.append(element('path', { class: 'line', d: path }));
  }
  place.replaceChildren(svg);
}

function element(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
