/** What a text of ISO 8601 means: a span of time, a moment on a wall clock, or a moment of the world. */
export type Meaning =
  | { readonly kind: 'duration'; readonly months: number; readonly seconds: number }
  | { readonly kind: 'date'; readonly year: number; readonly month: number; readonly day: number | null }
  | { readonly kind: 'time'; readonly seconds: number }
  | { readonly kind: 'local'; readonly utcMs: number }
  | { readonly kind: 'instant'; readonly utcMs: number };

/** Reads the forms that the specialist answers with, strictly; null for everything else. */
export function readIso(text: string): Meaning | null {
  return text.startsWith('P') ? readDuration(text) : readMoment(text);
}

const DURATION =
  /^P(?=.)(?:(\d{1,4})W|(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})D)?(?:T(?=.)(?:(\d{1,5})H)?(?:(\d{1,5})M)?(?:(\d{1,5})S)?)?)$/;

function readDuration(text: string): Meaning | null {
  const found = DURATION.exec(text);
  if (found === null) return null;
  const [weeks, years, months, days, hours, minutes, seconds] = found
    .slice(1)
    .map((part) => Number(part ?? 0)) as [...[number, number, number, number], ...[number, number, number]];
  return {
    kind: 'duration',
    months: 12 * years + months,
    seconds: 86_400 * (7 * weeks + days) + 3_600 * hours + 60 * minutes + seconds,
  };
}

const MOMENT = /^(?:(\d{4})-(\d\d)(?:-(\d\d))?)?(?:(^|T)(\d\d):(\d\d)(?::(\d\d))?(Z|[+-]\d\d:\d\d)?)?$/;

function readMoment(text: string): Meaning | null {
  const found = text === '' ? null : MOMENT.exec(text);
  if (found === null) return null;
  const [, yearText, monthText, dayText, , hourText, minuteText, secondText, zone] = found;
  const [year, month] = [Number(yearText), Number(monthText)];
  if (yearText !== undefined && (month < 1 || month > 12)) return null;
  const day = dayText === undefined ? null : Number(dayText);
  if (day !== null && (day < 1 || day > new Date(Date.UTC(year, month, 0)).getUTCDate())) return null;
  if (hourText === undefined) return yearText === undefined ? null : { kind: 'date', year, month, day };
  const [hour, minute, second] = [Number(hourText), Number(minuteText), Number(secondText ?? 0)];
  if (hour > 23 || minute > 59 || second > 59) return null;
  const seconds = 3_600 * hour + 60 * minute + second;
  if (yearText === undefined) return zone === undefined ? { kind: 'time', seconds } : null;
  if (day === null) return null;
  const utcMs = Date.UTC(year, month - 1, day) + 1_000 * seconds;
  if (zone === undefined) return { kind: 'local', utcMs };
  const offset = zone === 'Z' ? 0 : readOffset(zone);
  return offset === null ? null : { kind: 'instant', utcMs: utcMs - 60_000 * offset };
}

function readOffset(zone: string): number | null {
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4))];
  if (hours > 14 || minutes > 59) return null;
  return (zone.startsWith('-') ? -1 : 1) * (60 * hours + minutes);
}
