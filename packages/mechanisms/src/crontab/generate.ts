import type { SeededRandom } from '../seeded-random.ts';
import { drawDays } from './phrases/days.ts';
import { drawMonths } from './phrases/months.ts';
import { drawRequest, drawUnsupported } from './phrases/requests.ts';
import { drawTime } from './phrases/times.ts';
import { drawVoice, say, type Voice } from './phrases/voice.ts';

/** The answer to a wish that no five fields express. */
export const UNSUPPORTED = 'unsupported';

/** Longest phrase, in characters: the specialist models were trained on contexts of 96 tokens. */
export const PHRASE_MAX_LENGTH = 140;

/** An English schedule and the cron expression it means, or `unsupported`. ASCII only. */
export interface SchedulePhrase {
  readonly text: string;
  readonly answer: string;
}

export interface PhraseMix {
  /** Share of places worded less usually when there is such a wording, in 1/1,000. */
  readonly rarePermille: number;
  /** Share of wishes that five fields cannot express, in 1/1,000. */
  readonly unsupportedPermille: number;
}

const ORDERS = [
  'time days months',
  'time days months',
  'days time months',
  'days time months',
  'months, days time',
];
const RARE_ORDERS = ['time, days, months', 'days, time, months', 'days: time months', 'months days time'];

/**
 * One phrase with its known answer. Conventions: the last hour of a window belongs to it, clock times without
 * minutes are full hours, Sunday is 0, every N days or months restarts with the month or the year.
 */
export function drawPhrase(random: SeededRandom, mix: PhraseMix): SchedulePhrase {
  for (;;) {
    const voice = drawVoice(random, mix.rarePermille);
    const drawn = random.chance(mix.unsupportedPermille)
      ? { text: drawUnsupported(voice), answer: UNSUPPORTED }
      : drawSchedule(voice);
    const text = dress(voice, drawn.text);
    if (text.length <= PHRASE_MAX_LENGTH) return { text, answer: drawn.answer };
  }
}

function drawSchedule(voice: Voice): SchedulePhrase {
  const time = drawTime(voice);
  const isMoment = /^\d+$/.test(time.minute) && /^[\d,-]+$/.test(time.hour) && !time.hour.includes('-');
  const days = drawDays(voice, isMoment);
  const canSayMonth = days === null || (days.month === '*' && !days.dayOfMonth.startsWith('*/'));
  const months = canSayMonth && voice.random.chance(160) ? drawMonths(voice) : null;
  const order = say(voice, ORDERS, RARE_ORDERS);
  const parts: Readonly<Record<string, string>> = {
    time: time.text,
    days: dropRepeatedMonth(days?.text ?? '', months !== null),
    months: months?.text ?? '',
  };
  const request = drawRequest(voice);
  const body = arrange(order, parts);
  return {
    text: request === '' ? body : `${request} ${body}`,
    answer: [
      time.minute,
      time.hour,
      days?.dayOfMonth ?? '*',
      months?.month ?? days?.month ?? '*',
      days?.dayOfWeek ?? '*',
    ].join(' '),
  };
}

/** `on the 3rd of each month in june` would contradict itself: the month is said once. */
function dropRepeatedMonth(text: string, saysMonth: boolean): string {
  if (!saysMonth) return text;
  return text
    .replace(/ (?:of|in) (?:each|every|the) month\b/, '')
    .replace(/^(?:monthly|(?:every|each) month,?) on/, 'on')
    .replace(/^each (\d\S+)$/, 'on the $1');
}

function arrange(order: string, parts: Readonly<Record<string, string>>): string {
  let text = '';
  let mark = '';
  for (const slot of order.split(' ')) {
    const name = slot.replace(/[,:]$/, '');
    const part = parts[name] as string;
    if (part !== '') {
      text += text === '' ? part : `${mark} ${part}`;
      mark = '';
    }
    if (text !== '' && slot !== name) mark = slot.slice(-1);
  }
  return text;
}

function dress(voice: Voice, text: string): string {
  const { random } = voice;
  let dressed = text;
  if (random.chance(80)) dressed += say(voice, [' please', ' thanks'], [' if possible', ' cheers']);
  if (random.chance(60)) dressed += random.pick(['.', '!', '?']);
  const letters = random.below(1000);
  if (letters < 100) return dressed.toLowerCase();
  if (letters < 280) return `${(dressed[0] as string).toUpperCase()}${dressed.slice(1)}`;
  if (letters < 320) return dressed.toUpperCase();
  return dressed;
}
