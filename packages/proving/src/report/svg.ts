/** One line or band of a chart. */
export interface Series {
  readonly name: string;
  /** Any CSS colour. */
  readonly color: string;
  /** One value for each step of the horizontal axis. */
  readonly values: readonly number[];
}

export interface ChartOptions {
  readonly title: string;
  /** What the vertical axis counts. */
  readonly unit: string;
  readonly series: readonly Series[];
  /** Bands on top of each other instead of lines. */
  readonly isStacked?: boolean;
  readonly isLogarithmic?: boolean;
  /** Lines without a legend: too many to name. */
  readonly hasNoLegend?: boolean;
}

const WIDTH = 640;
const HEIGHT = 260;
const LEFT = 64;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 28;

export function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** Short text of a number: 12,300 as 12.3k. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${trimmed(value / 1e6)}M`;
  if (size >= 1e3) return `${trimmed(value / 1e3)}k`;
  if (size >= 1 || size === 0) return trimmed(value);
  return value.toPrecision(2);
}

function trimmed(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2).replace(/\.?0+$/, '');
}

/** Round steps that cover the range, about five. */
function linearTicks(low: number, high: number): number[] {
  const rough = (high - low || 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough)!;
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, index) => (first + index) * step);
}

function logTicks(low: number, high: number): number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => 10 ** (first + index));
}

const point = (x: number, y: number): string => `${x.toFixed(1)},${y.toFixed(1)}`;

/** A chart over days as a self-contained SVG element, readable by screen readers by its title. */
export function chartSvg(options: ChartOptions): string {
  const { title, unit, series, isStacked = false, isLogarithmic = false, hasNoLegend = false } = options;
  const length = Math.max(2, ...series.map(({ values }) => values.length));
  const bands = isStacked ? stack(series, length) : series.map(({ values }) => ({ low: null, high: values }));
  const all = bands
    .flatMap(({ high }) => high)
    .filter((value) => Number.isFinite(value) && (!isLogarithmic || value > 0));
  const top = Math.max(...all, isLogarithmic ? 1e-9 : 0);
  const low = isLogarithmic ? Math.min(...all, top) : Math.min(0, ...all);
  const high = top > low ? top : low + 1;
  const scale = (value: number): number => {
    const part = isLogarithmic
      ? Math.log(Math.max(value, low) / low) / Math.log(high / low)
      : (value - low) / (high - low);
    return HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM);
  };
  const across = (index: number): number => LEFT + (index / (length - 1)) * (WIDTH - LEFT - RIGHT);
  const ticks = isLogarithmic ? logTicks(low, high) : linearTicks(low, high);
  const grid = ticks.map((tick) => {
    const y = scale(tick).toFixed(1);
    return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}"/><text class="tick" x="${LEFT - 6}" y="${y}" dy="0.35em" text-anchor="end">${shortNumber(tick)}</text>`;
  });
  const days = linearTicks(0, length - 1).map(
    (day) =>
      `<text class="tick" x="${across(day).toFixed(1)}" y="${HEIGHT - 8}" text-anchor="middle">${day}</text>`,
  );
  const shapes = bands.map(({ low: base, high: values }, index) => {
    const { color, name } = series[index]!;
    const upper = values.map((value, at) => point(across(at), scale(value)));
    const hint = `<title>${escapeText(name)}</title>`;
    if (base === null)
      return `<polyline fill="none" stroke="${color}" points="${upper.join(' ')}">${hint}</polyline>`;
    const lower = base.map((value, at) => point(across(at), scale(value))).reverse();
    return `<polygon fill="${color}" points="${[...upper, ...lower].join(' ')}">${hint}</polygon>`;
  });
  const legend = hasNoLegend
    ? ''
    : `<ul class="legend">${series.map(({ name, color }) => `<li><span style="background:${color}"></span>${escapeText(name)}</li>`).join('')}</ul>`;
  return `<figure><figcaption>${escapeText(title)} <small>${escapeText(unit)}, by day</small></figcaption>${legend}<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeText(title)}">${[...grid, ...days, ...shapes].join('')}</svg></figure>`;
}

function stack(series: readonly Series[], length: number) {
  let below = Array<number>(length).fill(0);
  return series.map(({ values }) => {
    const high = below.map((base, index) => base + (values[index] ?? 0));
    const band = { low: below, high };
    below = high;
    return band;
  });
}
