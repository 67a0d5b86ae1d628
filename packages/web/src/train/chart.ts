import { BOTTOM, HEIGHT, LEFT, plotLine, RIGHT, TOP, WIDTH } from './plot.ts';

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
