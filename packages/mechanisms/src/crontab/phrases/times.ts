import { formatField } from '../cron.ts';
import { clockText, plainClockText } from './clock.ts';
import { numberText, twoDigits } from './names.ts';
import { joinWords, say, type Voice } from './voice.ts';

/** Words for a time of day and the two fields they mean. */
export interface TimePhrase {
  readonly text: string;
  readonly minute: string;
  readonly hour: string;
}

const COMMON_STEPS = [2, 3, 4, 5, 6, 10, 12, 15, 20, 25, 30];
const ODD_STEPS = [7, 8, 9, 11, 13, 14, 16, 18, 24, 35, 40, 45];

function drawMinute(voice: Voice): number {
  const { random } = voice;
  return random.weighted([
    [0, 26],
    [30, 14],
    [15, 6],
    [45, 6],
    [random.below(12) * 5, 18],
    [random.below(60), 30],
  ]);
}

function atMoment(voice: Voice): TimePhrase {
  const hour = voice.random.below(24);
  const minute = drawMinute(voice);
  const lead = say(
    voice,
    ['at ', 'at ', 'at ', 'at ', '@ ', 'around ', 'at exactly '],
    ['precisely at ', 'by ', 'when the clock shows '],
  );
  return { text: `${lead}${clockText(voice, hour, minute)}`, minute: String(minute), hour: String(hour) };
}

function atMoments(voice: Voice): TimePhrase {
  const { random } = voice;
  const hours = random.distinct(
    0,
    23,
    random.weighted([
      [2, 65],
      [3, 28],
      [4, 7],
    ]),
  );
  const minute = random.chance(600) ? 0 : drawMinute(voice);
  const lead = say(voice, hours.length === 2 ? ['at ', 'at ', 'both at '] : ['at '], ['exactly at ']);
  const clocks = hours.map((hour) => plainClockText(voice, hour, minute));
  return {
    text: `${lead}${joinWords(voice, clocks)}`,
    minute: String(minute),
    hour: formatField(hours, 0, 23),
  };
}

function drawStep(voice: Voice): number {
  return voice.random.pick(voice.random.chance(750) ? COMMON_STEPS : ODD_STEPS);
}

function everyMinutesText(voice: Voice, step: number): string {
  const { random } = voice;
  if (step === 30 && random.chance(400)) {
    return say(voice, ['every half hour', 'twice an hour', 'each half hour'], ['once every half hour']);
  }
  if (step === 15 && random.chance(250)) {
    return say(voice, ['every quarter of an hour', 'four times an hour'], ['each quarter of an hour']);
  }
  const count = numberText(voice, step);
  return say(
    voice,
    [
      `every ${count} minutes`,
      `every ${count} minutes`,
      `every ${count} mins`,
      `once every ${count} minutes`,
    ],
    [
      `at intervals of ${count} minutes`,
      `every ${count}-minute interval`,
      `once each ${count} minutes`,
      `each ${count} mins`,
    ],
  );
}

function everyHoursText(voice: Voice, step: number): string {
  if (step === 2 && voice.random.chance(300)) {
    return say(voice, ['every other hour', 'every second hour'], ['each other hour']);
  }
  const count = numberText(voice, step);
  return say(
    voice,
    [`every ${count} hours`, `every ${count} hours`, `each ${count} hours`, `once every ${count} hours`],
    [`at intervals of ${count} hours`, `once each ${count} hours`, `each ${count} hrs`],
  );
}

function hourlyText(voice: Voice): string {
  return say(
    voice,
    ['every hour', 'hourly', 'once an hour', 'each hour'],
    ['once every hour', 'at the start of each hour', 'once per hour'],
  );
}

function minutesPast(voice: Voice): TimePhrase {
  const { random } = voice;
  if (random.chance(200)) {
    const minutes = random.distinct(1, 59, random.between(2, 3));
    const joined = joinWords(voice, minutes.map(String));
    const text = say(
      voice,
      [`at minutes ${joined} of every hour`, `at ${joined} minutes past every hour`],
      [`on minutes ${joined} of each hour`],
    );
    return { text, minute: formatField(minutes, 0, 59), hour: '*' };
  }
  const minute = random.between(1, 59);
  const count = numberText(voice, minute);
  const text = say(
    voice,
    [
      `at minute ${minute} of every hour`,
      `at ${count} minutes past the hour`,
      `at ${count} past every hour`,
      `${count} minutes after each hour`,
    ],
    [
      `at :${twoDigits(minute)} past every hour`,
      `at ${count} mins past each hour`,
      `when it is ${count} past the hour`,
    ],
  );
  return { text, minute: String(minute), hour: '*' };
}

interface WindowPhrase {
  readonly text: string;
  readonly first: number;
  readonly last: number;
}

/** A window of whole hours; its last hour belongs to it. */
function drawWindow(voice: Voice): WindowPhrase {
  const { random } = voice;
  if (random.chance(60)) {
    const text = say(
      voice,
      ['during business hours', 'during office hours', 'during working hours'],
      ['within office hours', 'in working hours'],
    );
    return { text, first: 9, last: 17 };
  }
  const first = random.between(0, 20);
  const last = random.between(first + 2, 23);
  const from = plainClockText(voice, first, 0);
  const to = plainClockText(voice, last, 0);
  const text = say(
    voice,
    [
      `between ${from} and ${to}`,
      `from ${from} to ${to}`,
      `from ${from} until ${to}`,
      `from ${from} through ${to}`,
    ],
    [
      `starting ${from} and ending ${to}`,
      `from ${from} till ${to}`,
      `between ${from} & ${to}`,
      `beginning at ${from} until ${to}`,
    ],
  );
  return { text, first, last };
}

function inWindow(voice: Voice, inner: { text: string; minute: string }, hourStep: number): TimePhrase {
  let window = drawWindow(voice);
  while (window.last - window.first < hourStep) window = drawWindow(voice);
  const text = voice.random.chance(830) ? `${inner.text} ${window.text}` : `${window.text} ${inner.text}`;
  const hours: number[] = [];
  for (let hour = window.first; hour <= window.last; hour += 1) hours.push(hour);
  const range = formatField(hours, 0, 23);
  return { text, minute: inner.minute, hour: hourStep === 1 ? range : `${range}/${hourStep}` };
}

/** One time of day or one repeated time, in words and fields. */
export function drawTime(voice: Voice): TimePhrase {
  const { random } = voice;
  const kind = random.weighted([
    ['moment', 44],
    ['moments', 10],
    ['everyMinutes', 9],
    ['everyHours', 5],
    ['past', 8],
    ['windowMinutes', 13],
    ['windowHourly', 5],
    ['windowHours', 6],
  ] as const);
  switch (kind) {
    case 'moment':
      return atMoment(voice);
    case 'moments':
      return atMoments(voice);
    case 'everyMinutes': {
      const step = drawStep(voice);
      return { text: everyMinutesText(voice, step), minute: `*/${step}`, hour: '*' };
    }
    case 'everyHours': {
      const step = random.pick([2, 3, 4, 5, 6, 8, 12]);
      return { text: everyHoursText(voice, step), minute: '0', hour: `*/${step}` };
    }
    case 'past':
      return minutesPast(voice);
    case 'windowMinutes': {
      const step = drawStep(voice);
      return inWindow(voice, { text: everyMinutesText(voice, step), minute: `*/${step}` }, 1);
    }
    case 'windowHourly':
      return inWindow(voice, { text: hourlyText(voice), minute: '0' }, 1);
    case 'windowHours': {
      const step = random.pick([2, 3, 4]);
      return inWindow(voice, { text: everyHoursText(voice, step), minute: '0' }, step);
    }
  }
}
