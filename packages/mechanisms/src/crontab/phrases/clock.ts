import { numberWord, twoDigits } from './names.ts';
import { say, type Voice } from './voice.ts';

function partOfDay(voice: Voice, hour: number): string {
  if (hour === 0 || hour >= 21) return 'at night';
  if (hour < 12) return 'in the morning';
  if (hour < 17) return 'in the afternoon';
  return hour === 17 ? voice.random.pick(['in the afternoon', 'in the evening']) : 'in the evening';
}

const toTwelve = (hour: number): number => (hour % 12 === 0 ? 12 : hour % 12);

function meridiem(voice: Voice, hour: number): string {
  return voice.meridiem[hour < 12 ? 0 : 1];
}

function spoken(voice: Voice, hour: number, minute: number): string {
  const word = (value: number) => (voice.random.chance(500) ? numberWord(value) : String(value));
  const next = (hour + 1) % 24;
  const tail = (of: number) =>
    voice.random.chance(650) ? ` ${meridiem(voice, of).trim()}` : ` ${partOfDay(voice, of)}`;
  if (minute === 0) return `${word(toTwelve(hour))}${tail(hour)}`;
  if (minute === 15) return `quarter past ${word(toTwelve(hour))}${tail(hour)}`;
  if (minute === 30) return `half past ${word(toTwelve(hour))}${tail(hour)}`;
  if (minute === 45) {
    const to = voice.random.pick(['to', 'to', 'before']);
    return `quarter ${to} ${word(toTwelve(next))}${tail(next)}`;
  }
  if (minute < 30) return `${word(minute)} past ${word(toTwelve(hour))}${tail(hour)}`;
  if (minute >= 35) return `${word(60 - minute)} to ${word(toTwelve(next))}${tail(next)}`;
  return `${toTwelve(hour)}:${twoDigits(minute)}${meridiem(voice, hour)}`;
}

function unusual(voice: Voice, hour: number, minute: number): string {
  const half = toTwelve(hour);
  const suffix = meridiem(voice, hour);
  const shape = voice.random.below(minute > 0 && minute <= 30 ? 6 : 5);
  if (shape === 0) return `${half}${minute === 0 ? '' : `.${twoDigits(minute)}`}${suffix}`;
  if (shape === 1) return `${half}${minute === 0 ? '' : ` ${twoDigits(minute)}`}${suffix} sharp`;
  if (shape === 2) return `exactly ${hour}:${twoDigits(minute)}`;
  if (shape === 3) {
    return `${half}${minute === 0 ? '' : `:${twoDigits(minute)}`} o'clock ${partOfDay(voice, hour)}`;
  }
  if (shape === 4) return `${twoDigits(hour)}${twoDigits(minute)} hrs`;
  return minute === 15 ? `a quarter after ${half}${suffix}` : `${minute} minutes after ${half}${suffix}`;
}

/** Words for a clock time. A bare number is never used: it would leave the half of the day open. */
export function clockText(voice: Voice, hour: number, minute: number): string {
  if (minute === 0 && hour === 12 && voice.random.chance(500)) {
    return say(voice, ['noon', 'midday', '12 noon'], ['high noon']);
  }
  if (minute === 0 && hour === 0 && voice.random.chance(500)) {
    return say(voice, ['midnight', '12 midnight'], ["12 o'clock at night"]);
  }
  if (voice.random.below(2000) < voice.rarePermille) return unusual(voice, hour, minute);
  return plainClockText(voice, hour, minute);
}

/** As `clockText`, without the less usual wordings: for the ends of a window. */
export function plainClockText(voice: Voice, hour: number, minute: number): string {
  const half = toTwelve(hour);
  switch (voice.clock) {
    case 'twelve':
      return minute === 0 && voice.random.chance(750)
        ? `${half}${meridiem(voice, hour)}`
        : `${half}:${twoDigits(minute)}${meridiem(voice, hour)}`;
    case 'twentyFour':
      return voice.random.chance(650)
        ? `${twoDigits(hour)}:${twoDigits(minute)}`
        : `${hour}:${twoDigits(minute)}`;
    case 'partOfDay':
      return `${half}${minute === 0 ? '' : `:${twoDigits(minute)}`} ${partOfDay(voice, hour)}`;
    case 'spoken':
      return spoken(voice, hour, minute);
    case 'military':
      return `${twoDigits(hour)}${twoDigits(minute)} hours`;
  }
}
