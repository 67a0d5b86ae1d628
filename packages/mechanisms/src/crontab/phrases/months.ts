import { formatField } from '../cron.ts';
import { monthName } from './names.ts';
import { joinWords, say, type Voice } from './voice.ts';

/** Words for months and the field they mean. */
export interface MonthPhrase {
  readonly text: string;
  readonly month: string;
}

export function drawMonths(voice: Voice): MonthPhrase {
  const { random } = voice;
  const kind = random.weighted([
    ['one', 50],
    ['some', 25],
    ['range', 25],
  ] as const);
  if (kind === 'one') {
    const month = random.between(1, 12);
    const name = monthName(voice, month);
    const text = say(
      voice,
      [`in ${name}`, `in ${name}`, `during ${name}`, `only in ${name}`],
      [`throughout ${name}`, `during the month of ${name}`, `in every ${name}`],
    );
    return { text, month: String(month) };
  }
  if (kind === 'some') {
    const months = random.distinct(1, 12, random.chance(650) ? 2 : 3);
    const joined = joinWords(
      voice,
      months.map((month) => monthName(voice, month)),
    );
    const text = say(
      voice,
      [`in ${joined}`, `during ${joined}`, `only in ${joined}`],
      [`throughout ${joined}`],
    );
    return { text, month: formatField(months, 1, 12) };
  }
  const first = random.between(1, 9);
  const last = random.between(first + 2, 12);
  const from = monthName(voice, first);
  const to = monthName(voice, last);
  const text = say(
    voice,
    [`from ${from} to ${to}`, `from ${from} through ${to}`, `between ${from} and ${to}`],
    [`from ${from} till ${to}`, `starting ${from} until ${to}`, `${from} thru ${to}`],
  );
  return { text, month: formatField(range(first, last), 1, 12) };
}

function range(first: number, last: number): number[] {
  const values: number[] = [];
  for (let value = first; value <= last; value += 1) values.push(value);
  return values;
}
