import { type Mark, type PlotOptions, type Point, plotLines } from './plot.ts';

export interface ChartLine {
  /** What the line is, where there are several. */
  readonly name: string;
  readonly points: readonly Point[];
}

export interface ChartOptions extends PlotOptions {
  /** What is drawn, for who cannot see it. */
  readonly label: string;
  readonly lines: readonly ChartLine[];
  /** A value as a person reads it, with its unit where it is not the caption's. */
  readonly format: (value: number) => string;
  readonly formatX: (value: number) => string;
  /** What is missing, and when it comes. */
  readonly empty: string;
}

const HEIGHT = 170;
const LEAST_WIDTH = 220;
const TOP = 10;
const RIGHT = 8;
const BOTTOM = 24;
/** Widths of the labels' letters, in pixels: generous. */
const LETTER = 8;
/** Space between a label and the plot. */
const GAP = 8;

/** Draws lines into an element, in place of what it showed. One pixel of the drawing is one of the page. */
export function drawChart(place: HTMLElement, options: ChartOptions): void {
  const { lines, format, formatX, label, empty } = options;
  const width = Math.max(place.clientWidth, LEAST_WIDTH);
  const points = lines.map((line) => line.points);
  const size = { width, height: HEIGHT, top: TOP, right: RIGHT, bottom: BOTTOM };
  // Once for the marks, which say how much room their labels need.
  const marks = plotLines(points, { ...size, left: 0 }, options)?.marks ?? [];
  const left = GAP + LETTER * Math.max(...marks.map(({ value }) => format(value).length), 0);
  const plot = plotLines(points, { ...size, left }, options);
  if (plot === null) {
    const missing = document.createElement('p');
    missing.className = 'empty';
    missing.textContent = empty;
    place.replaceChildren(missing);
    return;
  }
  const svg = element('svg', { viewBox: `0 0 ${width} ${HEIGHT}`, role: 'img', 'aria-label': label });
  for (const { value, at } of plot.marks) {
    svg.append(element('line', { class: 'grid', x1: left, x2: width - RIGHT, y1: at, y2: at }));
    svg.append(text(format(value), { x: left - GAP, y: at + 4, 'text-anchor': 'end' }));
  }
  const [first, last] = plot.ends;
  svg.append(text(formatX(last.value), { x: width - RIGHT, y: HEIGHT - 5, 'text-anchor': 'end' }));
  if (isApart(first, last, formatX))
    svg.append(text(formatX(first.value), { x: left, y: HEIGHT - 5, 'text-anchor': 'start' }));
  for (const [index, path] of plot.paths.entries())
    svg.append(element('path', { class: `line line-${index}`, d: path }));
  place.replaceChildren(svg);
}

/** Whether there is room for both ends. */
const isApart = (first: Mark, last: Mark, format: ChartOptions['formatX']): boolean =>
  last.at - first.at > LETTER * (format(first.value).length + format(last.value).length) + GAP;

function text(content: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = element('text', attributes);
  made.textContent = content;
  return made;
}

function element(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
