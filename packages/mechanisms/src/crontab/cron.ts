/** Lowest and highest value of each field, in the order they are written. */
const FIELDS = [
  { name: 'minute', low: 0, high: 59, words: [] },
  { name: 'hour', low: 0, high: 23, words: [] },
  { name: 'dayOfMonth', low: 1, high: 31, words: [] },
  {
    name: 'month',
    low: 1,
    high: 12,
    words: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  { name: 'dayOfWeek', low: 0, high: 7, words: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
] as const;

type FieldBounds = (typeof FIELDS)[number];

/** Longest expression that is read, in characters. Real ones stay under 60. */
export const CRON_MAX_LENGTH = 256;

const ALL_DAYS_OF_MONTH = mask(1, 31, 1);
const ALL_DAYS_OF_WEEK = mask(0, 6, 1);

/** When a schedule fires: bit i of a mask stands for the value i. Sunday is 0. */
export interface Schedule {
  readonly minutes: bigint;
  readonly hours: bigint;
  readonly daysOfMonth: bigint;
  readonly months: bigint;
  readonly daysOfWeek: bigint;
  /** Both day fields are restricted: cron then fires when either of them matches. */
  readonly anyDayMatches: boolean;
}

export type CronProblem =
  | { readonly code: 'TOO_LONG' }
  | { readonly code: 'FIELD_COUNT'; readonly has: number }
  | { readonly code: 'FIELD_MALFORMED'; readonly field: FieldBounds['name'] };

export type ParsedCron =
  | { readonly ok: true; readonly schedule: Schedule }
  | { readonly ok: false; readonly problem: CronProblem };

function mask(from: number, to: number, step: number): bigint {
  let bits = 0n;
  for (let value = from; value <= to; value += step) bits |= 1n << BigInt(value);
  return bits;
}

function parseValue(text: string, bounds: FieldBounds): number | null {
  if (/^\d{1,2}$/.test(text)) {
    const value = Number(text);
    return value >= bounds.low && value <= bounds.high ? value : null;
  }
  const index = (bounds.words as readonly string[]).indexOf(text.toLowerCase());
  return index < 0 ? null : index + bounds.low;
}

function parseItem(item: string, bounds: FieldBounds): bigint | null {
  const [range, stepText, ...more] = item.split('/');
  if (range === undefined || more.length > 0) return null;
  let step = 1;
  if (stepText !== undefined) {
    if (!/^[1-9]\d?$/.test(stepText)) return null;
    step = Number(stepText);
  }
  if (range === '*') return mask(bounds.low, bounds.name === 'dayOfWeek' ? 6 : bounds.high, step);
  const ends = range.split('-');
  if (ends.length > 2) return null;
  const from = parseValue(ends[0] as string, bounds);
  if (from === null) return null;
  if (ends.length === 1) return stepText === undefined ? mask(from, from, 1) : null;
  const to = parseValue(ends[1] as string, bounds);
  if (to === null || to < from) return null;
  return mask(from, to, step);
}

function parseField(field: string, bounds: FieldBounds): bigint | null {
  let bits = 0n;
  for (const item of field.split(',')) {
    const found = parseItem(item, bounds);
    if (found === null) return null;
    bits |= found;
  }
  if (bounds.name === 'dayOfWeek' && (bits & (1n << 7n)) !== 0n) bits = (bits & ~(1n << 7n)) | 1n;
  return bits;
}

/**
 * Reads a five-field cron expression strictly: numbers, three-letter names, lists, ranges and steps over `*`
 * or a range. Nicknames (`@daily`), seconds, years, `L`, `W`, `#` and `?` are refused. 7 means Sunday.
 */
export function parseCron(text: string): ParsedCron {
  if (text.length > CRON_MAX_LENGTH) return { ok: false, problem: { code: 'TOO_LONG' } };
  const parts = text.trim().split(/[ \t]+/);
  if (parts.length !== FIELDS.length || parts[0] === '') {
    return { ok: false, problem: { code: 'FIELD_COUNT', has: parts[0] === '' ? 0 : parts.length } };
  }
  const masks: bigint[] = [];
  for (const [index, bounds] of FIELDS.entries()) {
    const bits = parseField(parts[index] as string, bounds);
    if (bits === null) return { ok: false, problem: { code: 'FIELD_MALFORMED', field: bounds.name } };
    masks.push(bits);
  }
  const [minutes, hours, daysOfMonth, months, daysOfWeek] = masks as [bigint, bigint, bigint, bigint, bigint];
  const bothWritten = !(parts[2] as string).startsWith('*') && !(parts[4] as string).startsWith('*');
  if (bothWritten && (daysOfMonth === ALL_DAYS_OF_MONTH || daysOfWeek === ALL_DAYS_OF_WEEK)) {
    // One of the two already matches every day, so the other changes nothing.
    return {
      ok: true,
      schedule: {
        minutes,
        hours,
        daysOfMonth: ALL_DAYS_OF_MONTH,
        months,
        daysOfWeek: ALL_DAYS_OF_WEEK,
        anyDayMatches: false,
      },
    };
  }
  return {
    ok: true,
    schedule: { minutes, hours, daysOfMonth, months, daysOfWeek, anyDayMatches: bothWritten },
  };
}

/** True when both fire at the same times, however they are written. */
export function isSameSchedule(a: Schedule, b: Schedule): boolean {
  return (
    a.minutes === b.minutes &&
    a.hours === b.hours &&
    a.daysOfMonth === b.daysOfMonth &&
    a.months === b.months &&
    a.daysOfWeek === b.daysOfWeek &&
    a.anyDayMatches === b.anyDayMatches
  );
}

/**
 * The field of a set of values: ascending, three or more in a row as `a-b`, all of `low` to `high` as `*`.
 *
 * @param values ascending and different.
 */
export function formatField(values: readonly number[], low: number, high: number): string {
  if (values.length === high - low + 1) return '*';
  const parts: string[] = [];
  for (let start = 0; start < values.length; ) {
    let end = start;
    while (end + 1 < values.length && values[end + 1] === (values[end] as number) + 1) end += 1;
    if (end - start >= 2) {
      parts.push(`${values[start]}-${values[end]}`);
      start = end + 1;
    } else {
      parts.push(`${values[start]}`);
      start += 1;
    }
  }
  return parts.join(',');
}
