import type { SeededRandom } from '@cairn/mechanisms';
import { readIso } from './iso-time.ts';
import { sayCount, toOrdinal, toWords } from './numbers.ts';
import { dress, type Example, type Specialist, UNSUPPORTED } from './specialist.ts';

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

const pad = (value: number): string => String(value).padStart(2, '0');

interface Said {
  readonly text: string;
  readonly iso: string;
}

const SPANS = [
  { one: 'year', mark: 'Y', isTime: false, most: 30 },
  { one: 'month', mark: 'M', isTime: false, most: 36 },
  { one: 'day', mark: 'D', isTime: false, most: 100 },
  { one: 'hour', mark: 'H', isTime: true, most: 72 },
  { one: 'minute', mark: 'M', isTime: true, most: 180 },
  { one: 'second', mark: 'S', isTime: true, most: 120 },
] as const;
const SHORT: Readonly<Record<string, readonly string[]>> = {
  year: ['yr', 'y'],
  month: ['mo'],
  day: ['d'],
  hour: ['hr', 'h'],
  minute: ['min', 'm'],
  second: ['sec', 's'],
};

function sayDuration(random: SeededRandom): Said {
  const shape = random.below(100);
  if (shape < 12) {
    const count = random.between(1, 26);
    const text = count === 1 ? random.pick(['a week', 'one week']) : `${sayCount(random, count)} weeks`;
    return count === 2 && random.chance(300)
      ? { text: 'a fortnight', iso: 'P2W' }
      : { text, iso: `P${count}W` };
  }
  if (shape < 26) return sayHalves(random);
  const first = random.below(SPANS.length);
  const length = shape < 70 ? 1 : shape < 92 ? 2 : 3;
  const spans = SPANS.slice(first, first + length);
  const isShort = random.chance(220);
  let [date, time] = ['', ''];
  const parts = spans.map(({ one, mark, isTime, most }, index) => {
    const bound = index === 0 ? most : Math.min(most, one === 'month' ? 11 : one === 'day' ? 30 : 59);
    const count = random.between(1, one === 'hour' && index > 0 ? 23 : bound);
    if (isTime) time += `${count}${mark}`;
    else date += `${count}${mark}`;
    if (isShort) {
      const unit = random.pick(SHORT[one] as readonly string[]);
      return `${count}${unit.length > 1 ? ' ' : ''}${unit}`;
    }
    if (count === 1) return `${random.pick([one === 'hour' ? 'an' : 'a', 'one', '1'])} ${one}`;
    return `${sayCount(random, count)} ${one}s`;
  });
  const last = parts.pop() as string;
  const joined =
    parts.length === 0 ? last : isShort ? [...parts, last].join(' ') : `${parts.join(', ')} and ${last}`;
  return { text: joined, iso: `P${date}${time === '' ? '' : `T${time}`}` };
}

function sayHalves(random: SeededRandom): Said {
  const hours = random.between(1, 12);
  const days = random.between(1, 9);
  const years = random.between(1, 9);
  return random.pick<() => Said>([
    () => ({ text: random.pick(['half an hour', 'a half hour', 'half hour']), iso: 'PT30M' }),
    () => ({ text: random.pick(['a quarter of an hour', 'quarter of an hour']), iso: 'PT15M' }),
    () => ({ text: 'three quarters of an hour', iso: 'PT45M' }),
    () => ({
      text: random.pick(['an hour and a half', 'one and a half hours', '1.5 hours']),
      iso: 'PT1H30M',
    }),
    () => ({
      text: random.pick([
        `${sayCount(random, hours + 1)} and a half hours`,
        `${hours + 1}.5 hours`,
        `${hours + 1} ½ hours`,
      ]),
      iso: `PT${hours + 1}H30M`,
    }),
    () => ({ text: `${toWords(days + 1)} and a half days`, iso: `P${days + 1}DT12H` }),
    () => ({ text: random.pick(['half a year', 'six months']), iso: 'P6M' }),
    () => ({
      text: random.pick([`${toWords(years + 1)} and a half years`, `${years + 1}.5 years`]),
      iso: `P${years + 1}Y6M`,
    }),
    () => ({ text: random.pick(['half a minute', 'half a min']), iso: 'PT30S' }),
    () => ({ text: 'a day and a half', iso: 'P1DT12H' }),
    () => ({ text: random.pick(['a decade', 'ten years']), iso: 'P10Y' }),
  ])();
}

function sayDate(random: SeededRandom): Said {
  const [year, month] = [random.between(1950, 2060), random.between(1, 12)];
  const name = random.chance(300) ? (MONTHS[month - 1] as string).slice(0, 3) : (MONTHS[month - 1] as string);
  if (random.chance(100))
    return { text: `${random.pick(['', 'in '])}${name} ${year}`, iso: `${year}-${pad(month)}` };
  const day = random.between(1, new Date(Date.UTC(year, month, 0)).getUTCDate());
  const iso = `${year}-${pad(month)}-${pad(day)}`;
  const ordinal = toOrdinal(day, random.chance(250));
  const weekday = DAYS[new Date(Date.UTC(year, month - 1, day)).getUTCDay()] as string;
  const text = random.pick([
    `${name} ${day}, ${year}`,
    `${name} ${ordinal}, ${year}`,
    `${name} ${ordinal} ${year}`,
    `${day} ${name} ${year}`,
    `${ordinal} ${name} ${year}`,
    `the ${ordinal} of ${name} ${year}`,
    `the ${ordinal} of ${name}, ${year}`,
    `${weekday}, ${day} ${name} ${year}`,
    `${weekday} ${name} ${ordinal}, ${year}`,
    `${day}.${month}.${year}`,
    `${year}/${pad(month)}/${pad(day)}`,
    day > 12 ? `${day}/${month}/${year}` : `${year} ${name} ${day}`,
    day > 12 ? `${pad(month)}/${day}/${year}` : `${day}-${name}-${year}`,
  ]);
  return { text, iso };
}

function sayTime(random: SeededRandom): Said {
  const hour = random.below(24);
  const minute = random.weighted([
    [0, 35],
    [30, 20],
    [15, 10],
    [45, 10],
    [random.below(60), 25],
  ]);
  const iso = `${pad(hour)}:${pad(minute)}`;
  if (minute === 0 && hour === 12 && random.chance(600))
    return { text: random.pick(['noon', 'midday', '12 noon']), iso };
  if (minute === 0 && hour === 0 && random.chance(600)) return { text: 'midnight', iso };
  const half =
    hour < 12 ? random.pick([' am', 'am', ' a.m.', ' AM']) : random.pick([' pm', 'pm', ' p.m.', ' PM']);
  const part = hour < 12 ? ' in the morning' : hour < 18 ? ' in the afternoon' : ' in the evening';
  const twelve = hour % 12 === 0 ? 12 : hour % 12;
  const next = (hour + 1) % 12 === 0 ? 12 : (hour + 1) % 12;
  const nextHalf = (hour + 1) % 24 < 12 ? ' am' : ' pm';
  const spoken = random.chance(500) ? toWords : String;
  if (random.chance(250)) {
    if (minute === 30)
      return { text: `half past ${spoken(twelve)}${random.pick([half, hour === 0 ? half : part])}`, iso };
    if (minute === 15) return { text: `quarter past ${spoken(twelve)}${half}`, iso };
    if (minute === 45) return { text: `quarter to ${spoken(next)}${nextHalf}`, iso };
    if (minute > 0 && minute < 30) return { text: `${spoken(minute)} past ${spoken(twelve)}${half}`, iso };
  }
  if (random.chance(350)) return { text: random.chance(850) ? iso : `${hour}:${pad(minute)}`, iso };
  const said = spoken(twelve);
  const gap = /\d$/.test(said) || half.startsWith(' ') ? '' : ' ';
  if (minute === 0)
    return { text: `${said}${random.chance(200) && hour > 0 ? ` o'clock${part}` : gap + half}`, iso };
  return { text: `${twelve}${random.pick([':', ':', '.'])}${pad(minute)}${half}`, iso };
}

function sayMoment(random: SeededRandom): Said {
  let date = sayDate(random);
  while (date.iso.length < 10) date = sayDate(random);
  const time = sayTime(random);
  const text = random.pick([
    `${date.text} at ${time.text}`,
    `${date.text}, ${time.text}`,
    `${time.text} on ${date.text}`,
    `at ${time.text} on ${date.text}`,
  ]);
  if (!random.chance(400)) return { text, iso: `${date.iso}T${time.iso}` };
  const hours = random.between(-11, 13);
  const sign = hours < 0 ? '-' : '+';
  const minutes = random.chance(120) ? 30 : 0;
  if (hours === 0 || random.chance(300))
    return { text: `${text} ${random.pick(['UTC', 'GMT', 'utc', 'Z'])}`, iso: `${date.iso}T${time.iso}:00Z` };
  const size = Math.abs(hours);
  const offset = `${sign}${pad(size)}:${pad(minutes)}`;
  const zone = random.pick([
    `UTC${sign}${size}${minutes === 0 ? '' : `:${minutes}`}`,
    `GMT${sign}${size}${minutes === 0 ? '' : `:${minutes}`}`,
    `(UTC${offset})`,
    offset,
  ]);
  return { text: `${text} ${zone}`, iso: `${date.iso}T${time.iso}:00${offset}` };
}

/** What has no answer without today's date, can be read in two ways, or is no time at all. */
function sayUnsupported(random: SeededRandom): Said {
  const day = random.pick(DAYS);
  const [a, b] = [random.between(1, 12), random.between(1, 12)];
  const text = random.pick<() => string>([
    () => `${random.pick(['next', 'last', 'this', 'on'])} ${day}`,
    () =>
      random.pick([
        'tomorrow',
        'yesterday',
        'today',
        'now',
        'tonight',
        'soon',
        'later',
        'never',
        'next week',
      ]),
    () => `${random.pick(['tomorrow', 'yesterday'])} at ${sayTime(random).text}`,
    () => `in ${sayDuration(random).text} from ${random.pick(['now', 'today', 'yesterday'])}`,
    () => `${sayDuration(random).text} ago`,
    () => `${pad(a)}/${pad(b === a ? (b % 12) + 1 : b)}/${random.between(1990, 2050)}`,
    () =>
      random.pick(['hello', 'thank you', 'what time is it', 'who are you', 'tell me a joke', 'a long time']),
    () =>
      random.pick([
        'the first week of june',
        'easter',
        'the end of the month',
        'in summer',
        'around noonish',
      ]),
  ])();
  return { text, iso: UNSUPPORTED };
}

/** Dates, times and spans of time in English → ISO 8601; with a zone, RFC 3339. */
export const when: Specialist = {
  name: 'when',
  draw(random) {
    const said = random.weighted<(random: SeededRandom) => Said>([
      [sayDuration, 36],
      [sayDate, 22],
      [sayTime, 12],
      [sayMoment, 24],
      [sayUnsupported, 6],
    ])(random);
    return { question: dress(random, said.text), answer: said.iso };
  },
  isRight(known, given) {
    if (known === UNSUPPORTED) return given.trim() === UNSUPPORTED;
    const [a, b] = [readIso(known), readIso(given.trim())];
    return a !== null && b !== null && JSON.stringify(a) === JSON.stringify(b);
  },
  wild: [
    ['the 4th of July 2026 at noon', '2026-07-04T12:00'],
    ['an hour and 20 minutes', 'PT1H20M'],
    ['ninety minutes', 'PT90M'],
    ['Christmas day', UNSUPPORTED],
    ['12 Dec 1999', '1999-12-12'],
    ['quarter past six in the morning', '06:15'],
    ['2 days, 4 hours', 'P2DT4H'],
    ['June 2030', '2030-06'],
    ['Nov 22nd 2026 3:05pm UTC', '2026-11-22T15:05:00Z'],
    ['three and a half weeks', UNSUPPORTED],
    ['next tuesday at 5', UNSUPPORTED],
    ['31/1/2027', '2027-01-31'],
    ['five to nine pm', '20:55'],
    ['1 year and 6 months', 'P1Y6M'],
    ['45s', 'PT45S'],
    ['October the second, 2028', '2028-10-02'],
    ['8 in the evening', '20:00'],
    ['2027-05-06 17:00 +02:00', '2027-05-06T17:00:00+02:00'],
    ['a couple of hours', UNSUPPORTED],
    ['half a day', 'PT12H'],
  ].map(([question, answer]) => ({ question, answer }) as Example),
};
