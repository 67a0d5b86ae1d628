/** One point of a line. */
export type Point = readonly [x: number, y: number];

/** Where a chart is drawn, in pixels: its own size, and what its labels need on each side. */
export interface PlotBox {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface PlotOptions {
  /** Whether a value holds until the next one, as a count does. */
  readonly isStepped?: boolean;
  /** Whether the lowest mark is zero at most. */
  readonly isFromZero?: boolean;
  /** Whether there is nothing between whole numbers. */
  readonly isWhole?: boolean;
}

export interface Mark {
  readonly value: number;
  /** Pixels from the left, or from the top. */
  readonly at: number;
}

export interface Plot {
  /** Path of an SVG, one for each line. */
  readonly paths: readonly string[];
  readonly marks: readonly Mark[];
  /** First and last x. */
  readonly ends: readonly [Mark, Mark];
}

/** Points drawn at most: more than there are pixels show nothing more. */
const MOST_POINTS = 240;
/** About so many marks. */
const MARKS = 4;

/**
 * Lines in one box, from left to right.
 *
 * @param lines points of finite numbers, in the order of their x
 * @returns null when there is no point
 */
export function plotLines(
  lines: readonly (readonly Point[])[],
  box: PlotBox,
  { isStepped = false, isFromZero = false, isWhole = false }: PlotOptions = {},
): Plot | null {
  const thinned = lines.map((points) =>
    thin(
      points.filter((point) => point.every(Number.isFinite)),
      MOST_POINTS,
      isStepped,
    ),
  );
  const all = thinned.flat();
  if (all.length === 0) return null;
  const xs = all.map(([x]) => x);
  const [firstX, lastX] = [Math.min(...xs), Math.max(...xs)];
  const ys = all.map(([, y]) => y);
  const values = marksOf(Math.min(...ys, ...(isFromZero ? [0] : [])), Math.max(...ys), isWhole);
  const [low, high] = [values[0]!, values.at(-1)!];
  const xOf = (x: number) =>
    box.left + (box.width - box.left - box.right) * (lastX === firstX ? 1 : (x - firstX) / (lastX - firstX));
  const yOf = (y: number) => box.top + (box.height - box.top - box.bottom) * (1 - (y - low) / (high - low));
  return {
    paths: thinned.map((points) => pathOf(points, xOf, yOf, isStepped)),
    marks: values.map((value) => ({ value, at: yOf(value) })),
    ends: [
      { value: firstX, at: xOf(firstX) },
      { value: lastX, at: xOf(lastX) },
    ],
  };
}

function pathOf(
  points: readonly Point[],
  xOf: (x: number) => number,
  yOf: (y: number) => number,
  isStepped: boolean,
): string {
  const parts = points.map(([x, y], index) => {
    const [left, top] = [xOf(x).toFixed(1), yOf(y).toFixed(1)];
    if (index === 0) return `M${left} ${top}`;
    return isStepped ? `H${left}V${top}` : `L${left} ${top}`;
  });
  // One point alone would be nothing to see.
  return points.length === 1 ? `${parts[0]}h0.1` : parts.join('');
}

/** Round numbers from at or below the lowest to at or above the highest, evenly apart: at least two. */
export function marksOf(low: number, high: number, isWhole = false): readonly number[] {
  const span = high - low || Math.abs(high) || 1;
  const power = 10 ** Math.floor(Math.log10(span / MARKS));
  const apart = [1, 2, 5, 10].map((times) => times * power).find((each) => span / each <= MARKS) ?? span;
  const step = isWhole ? Math.max(1, Math.ceil(apart)) : apart;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(Math.ceil(high / step - 1e-9), first + 1);
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

/** As many points as may be drawn: means of neighbours, or of counts the last of them. */
export function thin(points: readonly Point[], most: number, isLast = false): readonly Point[] {
  if (points.length <= most) return points;
  return Array.from({ length: most }, (_, index) => {
    const start = Math.floor((index * points.length) / most);
    const part = points.slice(start, Math.max(Math.floor(((index + 1) * points.length) / most), start + 1));
    const end = part.at(-1)!;
    return isLast ? end : [end[0], part.reduce((sum, [, y]) => sum + y, 0) / part.length];
  });
}
