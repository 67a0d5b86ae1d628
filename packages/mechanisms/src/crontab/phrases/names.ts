import type { Voice } from './voice.ts';

const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];
const SMALL = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
  'thirteen',
  'fourteen',
  'fifteen',
  'sixteen',
  'seventeen',
  'eighteen',
  'nineteen',
];
const TENS = ['', '', 'twenty', 'thirty', 'forty', 'fifty'];
const IRREGULAR_ORDINALS: Readonly<Record<number, string>> = {
  1: 'first',
  2: 'second',
  3: 'third',
  5: 'fifth',
  8: 'eighth',
  9: 'ninth',
  12: 'twelfth',
  20: 'twentieth',
  30: 'thirtieth',
};

function inVoice(voice: Voice, name: string): string {
  const short = voice.shortNames ? name.slice(0, 3) : name;
  return voice.capitalNames ? `${(short[0] as string).toUpperCase()}${short.slice(1)}` : short;
}

/** @param day 0 is Sunday. */
export function dayName(voice: Voice, day: number): string {
  return inVoice(voice, DAYS[day] as string);
}

/** `mondays`; a short name stays as it is. */
export function dayPlural(voice: Voice, day: number): string {
  return voice.shortNames ? dayName(voice, day) : `${dayName(voice, day)}s`;
}

/** @param month 1 is January. */
export function monthName(voice: Voice, month: number): string {
  return inVoice(voice, MONTHS[month - 1] as string);
}

/** English words of a number from 0 to 59. */
export function numberWord(value: number): string {
  if (value < 20) return SMALL[value] as string;
  const unit = value % 10;
  const ten = TENS[(value - unit) / 10] as string;
  return unit === 0 ? ten : `${ten}-${SMALL[unit]}`;
}

/** Digits, or words for some of the small numbers. */
export function numberText(voice: Voice, value: number): string {
  return voice.random.chance(value <= 12 ? 300 : 120) ? numberWord(value) : String(value);
}

/** `1st`, `22nd`, `13th`. */
export function ordinalDigits(value: number): string {
  const teen = value % 100 >= 11 && value % 100 <= 13;
  return `${value}${teen ? 'th' : (['th', 'st', 'nd', 'rd'][value % 10] ?? 'th')}`;
}

/** `first`, `twenty-second`, for 1 to 31. */
export function ordinalWord(value: number): string {
  const irregular = IRREGULAR_ORDINALS[value];
  if (irregular !== undefined) return irregular;
  const unit = value % 10;
  if (value > 20 && unit !== 0) return `${TENS[(value - unit) / 10]}-${ordinalWord(unit)}`;
  return `${numberWord(value)}th`;
}

export function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
