import { formatField } from '../cron.ts';
import { dayName, dayPlural, monthName, numberText, ordinalDigits, ordinalWord } from './names.ts';
import { joinWords, say, type Voice } from './voice.ts';

/** Words for days and the three fields they mean. `month` other than `*` means that the month is said already. */
export interface DayPhrase {
  readonly text: string;
  readonly dayOfMonth: string;
  readonly month: string;
  readonly dayOfWeek: string;
}

const MONTH_LENGTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const onDaysOfWeek = (text: string, dayOfWeek: string): DayPhrase => ({
  text,
  dayOfMonth: '*',
  month: '*',
  dayOfWeek,
});
const onDaysOfMonth = (text: string, dayOfMonth: string, month = '*'): DayPhrase => ({
  text,
  dayOfMonth,
  month,
  dayOfWeek: '*',
});

function ordinal(voice: Voice, value: number): string {
  return voice.random.chance(250) ? ordinalWord(value) : ordinalDigits(value);
}

function everyDay(voice: Voice): DayPhrase {
  const usual = ['every day', 'daily', 'each day', 'every single day'];
  return onDaysOfWeek(say(voice, usual, ['on each day', 'on every day', 'every day of the week']), '*');
}

function weekdays(voice: Voice): DayPhrase {
  const from = dayName(voice, 1);
  const to = dayName(voice, 5);
  const text = say(
    voice,
    [
      'on weekdays',
      'every weekday',
      'each weekday',
      'on business days',
      'on workdays',
      `from ${from} to ${to}`,
    ],
    ['weekdays only', 'on any weekday', 'on each working day', 'only on weekdays', `${from} until ${to}`],
  );
  return onDaysOfWeek(text, '1-5');
}

function weekend(voice: Voice): DayPhrase {
  return onDaysOfWeek(
    say(voice, ['on weekends', 'every weekend', 'at the weekend'], ['weekends only', 'only on weekends']),
    '0,6',
  );
}

function oneWeekday(voice: Voice): DayPhrase {
  const day = voice.random.below(7);
  const name = dayName(voice, day);
  const many = dayPlural(voice, day);
  const text = say(
    voice,
    [`on ${many}`, `every ${name}`, `every ${name}`, `each ${name}`, `on ${name}`, `once a week on ${name}`],
    [`on a ${name}`, `${many} only`, `on each ${name}`, `only on ${many}`, `when it is ${name}`],
  );
  return onDaysOfWeek(text, String(day));
}

function someWeekdays(voice: Voice): DayPhrase {
  const { random } = voice;
  const days = random.distinct(
    0,
    6,
    random.weighted([
      [2, 55],
      [3, 33],
      [4, 12],
    ]),
  );
  const plural = random.chance(400);
  const names = days.map((day) => (plural ? dayPlural(voice, day) : dayName(voice, day)));
  const joined = joinWords(voice, names);
  const text = say(
    voice,
    [`on ${joined}`, `on ${joined}`, `every ${joined}`, `each ${joined}`],
    [`only on ${joined}`, `on each ${joined}`, `${joined} only`],
  );
  return onDaysOfWeek(text, formatField(days, 0, 6));
}

function weekdayRange(voice: Voice): DayPhrase {
  const { random } = voice;
  const first = random.between(0, 4);
  const last = random.between(first + 2, Math.min(6, first + 5));
  const from = dayName(voice, first);
  const to = dayName(voice, last);
  const text = say(
    voice,
    [
      `from ${from} to ${to}`,
      `${from} through ${to}`,
      `from ${from} through ${to}`,
      `from ${from} until ${to}`,
    ],
    [`${from} thru ${to}`, `${from} until ${to}`, `starting ${from} until ${to}`, `from ${from} till ${to}`],
  );
  return onDaysOfWeek(text, `${first}-${last}`);
}

function allDaysBut(voice: Voice): DayPhrase {
  const left = voice.random.below(7);
  const name = dayName(voice, left);
  const text = say(
    voice,
    [`every day except ${name}`, `daily except ${name}`, `every day but ${name}`],
    [`each day excluding ${name}`, `daily but not on ${name}`, `every day apart from ${name}`],
  );
  const days = [0, 1, 2, 3, 4, 5, 6].filter((day) => day !== left);
  return onDaysOfWeek(text, formatField(days, 0, 6));
}

function oneMonthDay(voice: Voice): DayPhrase {
  const day = voice.random.between(1, 31);
  const nth = ordinal(voice, day);
  const text = say(
    voice,
    [
      `on the ${nth} of each month`,
      `on the ${nth} of every month`,
      `on the ${nth} of the month`,
      `on day ${day} of the month`,
      `monthly on the ${nth}`,
      `every month on the ${nth}`,
    ],
    [
      `every month, on the ${nth}`,
      `on the ${nth} day in each month`,
      `on day number ${day} of every month`,
      `when it is the ${nth} of the month`,
      `each ${nth} of the month`,
    ],
  );
  return onDaysOfMonth(text, String(day));
}

function someMonthDays(voice: Voice): DayPhrase {
  const { random } = voice;
  const days = random.distinct(1, 31, random.chance(650) ? 2 : 3);
  const words = random.chance(150);
  const joined = joinWords(voice, days.map(words ? ordinalWord : ordinalDigits));
  const text = say(
    voice,
    [`on the ${joined} of each month`, `on the ${joined} of the month`, `every month on the ${joined}`],
    [`each month on the ${joined}`, `only on the ${joined} of every month`],
  );
  return onDaysOfMonth(text, formatField(days, 1, 31));
}

function monthDayRange(voice: Voice): DayPhrase {
  const { random } = voice;
  const first = random.between(1, 28);
  const last = random.between(first + 2, 31);
  const from = ordinalDigits(first);
  const to = ordinalDigits(last);
  const text = say(
    voice,
    [
      `from the ${from} to the ${to} of each month`,
      `from the ${from} through the ${to} of every month`,
      `on days ${first} to ${last} of the month`,
    ],
    [
      `from day ${first} until day ${last} of the month`,
      `starting the ${from} until the ${to} of each month`,
      `between days ${first} and ${last} of each month`,
    ],
  );
  return onDaysOfMonth(text, `${first}-${last}`);
}

function yearlyDate(voice: Voice): DayPhrase {
  const month = voice.random.between(1, 12);
  const day = voice.random.between(1, MONTH_LENGTHS[month - 1] as number);
  const name = monthName(voice, month);
  const nth = ordinalDigits(day);
  const date = say(
    voice,
    [`${name} ${day}`, `${name} ${nth}`, `${day} ${name}`, `the ${nth} of ${name}`],
    [`the ${nth} day of ${name}`, `${nth} ${name}`, `day ${day} of ${name}`],
  );
  const text = say(
    voice,
    [`on ${date}`, `on ${date}`, `every year on ${date}`, `each year on ${date}`, `once a year on ${date}`],
    [`on ${date} of each year`, `once every year on ${date}`],
  );
  return onDaysOfMonth(text, String(day), String(month));
}

function everyFewDays(voice: Voice): DayPhrase {
  const step = voice.random.between(2, 9);
  const count = numberText(voice, step);
  const usual = [`every ${count} days`, `once every ${count} days`];
  const rare = [`at intervals of ${count} days`, `once each ${count} days`];
  return onDaysOfMonth(
    step === 2
      ? say(voice, ['every other day', 'every second day', ...usual], ['once every other day'])
      : say(voice, usual, rare),
    `*/${step}`,
  );
}

function everyFewMonths(voice: Voice): DayPhrase {
  const step = voice.random.pick([2, 3, 4, 6]);
  const day = voice.random.between(1, 28);
  const count = numberText(voice, step);
  const nth = ordinal(voice, day);
  const every = say(
    voice,
    [`every ${count} months`, `once every ${count} months`],
    [`at intervals of ${count} months`],
  );
  const text = say(voice, [`${every} on the ${nth}`, `on the ${nth} ${every}`], [`${every}, on the ${nth}`]);
  return onDaysOfMonth(text, String(day), `*/${step}`);
}

/** Days in words and fields; null when the phrase says none. */
export function drawDays(voice: Voice, hasMoment: boolean): DayPhrase | null {
  const kind = voice.random.weighted([
    [null, 11],
    [everyDay, 5],
    [weekdays, 10],
    [weekend, 5],
    [oneWeekday, 13],
    [someWeekdays, 12],
    [weekdayRange, 8],
    [allDaysBut, 4],
    [oneMonthDay, 10],
    [someMonthDays, 6],
    [monthDayRange, 5],
    [yearlyDate, 8],
    [everyFewDays, hasMoment ? 3 : 1],
    [everyFewMonths, hasMoment ? 4 : 1],
  ] as const);
  return kind === null ? null : kind(voice);
}
