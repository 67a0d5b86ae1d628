import type { SeededRandom } from '@cairn/mechanisms';

const SMALL =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS = '. ten twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const ORDINALS: Readonly<Record<string, string>> = {
  one: 'first',
  two: 'second',
  three: 'third',
  five: 'fifth',
  eight: 'eighth',
  nine: 'ninth',
  twelve: 'twelfth',
};

/** An English number from 0 to 999. */
export function toWords(value: number): string {
  if (value < 20) return SMALL[value] as string;
  if (value < 100) return `${TENS[Math.floor(value / 10)]}${value % 10 === 0 ? '' : `-${SMALL[value % 10]}`}`;
  const rest = value % 100;
  return `${SMALL[Math.floor(value / 100)]} hundred${rest === 0 ? '' : ` and ${toWords(rest)}`}`;
}

/** `3rd`, or `third`. */
export function toOrdinal(value: number, isWord: boolean): string {
  if (!isWord) {
    const isTeen = value % 100 > 10 && value % 100 < 14;
    return `${value}${isTeen ? 'th' : (['th', 'st', 'nd', 'rd'][value % 10] ?? 'th')}`;
  }
  const words = toWords(value).split('-');
  const last = words.pop() as string;
  const ordinal = ORDINALS[last] ?? (last.endsWith('y') ? `${last.slice(0, -1)}ieth` : `${last}th`);
  return [...words, ordinal].join('-');
}

/** A count as people write it: mostly digits, small ones often as words. */
export function sayCount(random: SeededRandom, value: number): string {
  const asWords = value < 100 ? random.chance(value <= 12 ? 400 : 200) : value < 1000 && random.chance(60);
  if (asWords) return toWords(value);
  return value >= 1000 && random.chance(500) ? value.toLocaleString('en') : String(value);
}
