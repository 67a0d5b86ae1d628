/** Bytes as a person reads them. */
export function formatBytes(count: number): string {
  const [size, unit] = sizes.find(([least]) => count >= least) ?? [1, 'B'];
  const value = count / size;
  return `${Number(value.toPrecision(value < 1_000 ? 3 : 4))} ${unit}`;
}

const sizes: readonly (readonly [number, string])[] = [
  [1e9, 'GB'],
  [1e6, 'MB'],
  [1e3, 'kB'],
];

/** A number with as many digits as tell it from its neighbours on a chart, without zeros at the end. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1_000_000) return `${Number((value / 1_000_000).toPrecision(3))} M`;
  if (size >= 10_000) return `${Number((value / 1_000).toPrecision(3))} k`;
  return String(Number(value.toPrecision(4)));
}

/** Minutes and seconds, or hours and minutes. */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (whole < 3_600) return `${Math.floor(whole / 60)}:${two(whole % 60)} min`;
  return `${Math.floor(whole / 3_600)}:${two(Math.floor((whole % 3_600) / 60))} h`;
}
