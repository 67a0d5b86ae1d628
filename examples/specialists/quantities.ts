import type { SeededRandom } from '@cairn/mechanisms';
import { sayCount, toWords } from './numbers.ts';
import { dress, type Example, type Specialist, UNSUPPORTED } from './specialist.ts';

/** Units by the symbol of the answer: names of one and of many, and what is written right behind digits. */
const UNITS: Readonly<Record<string, readonly [one: string, many: string, ...written: string[]]>> = {
  kg: ['kilogram', 'kilograms', 'kg', 'kgs', 'kilos'],
  g: ['gram', 'grams', 'g', 'gr'],
  mg: ['milligram', 'milligrams', 'mg'],
  t: ['tonne', 'tonnes', 'metric tons'],
  lb: ['pound', 'pounds', 'lb', 'lbs'],
  oz: ['ounce', 'ounces', 'oz'],
  km: ['kilometre', 'kilometres', 'km', 'kilometers'],
  m: ['metre', 'metres', 'm', 'meters'],
  cm: ['centimetre', 'centimetres', 'cm', 'centimeters'],
  mm: ['millimetre', 'millimetres', 'mm', 'millimeters'],
  mi: ['mile', 'miles', 'mi'],
  ft: ['foot', 'feet', 'ft'],
  in: ['inch', 'inches', 'in'],
  L: ['litre', 'litres', 'l', 'L', 'liters'],
  mL: ['millilitre', 'millilitres', 'ml', 'mL', 'milliliters'],
  cup: ['cup', 'cups', 'c.'],
  tbsp: ['tablespoon', 'tablespoons', 'tbsp'],
  tsp: ['teaspoon', 'teaspoons', 'tsp'],
  gal: ['gallon', 'gallons', 'gal'],
  h: ['hour', 'hours', 'h', 'hrs'],
  min: ['minute', 'minutes', 'min', 'mins'],
  s: ['second', 'seconds', 's', 'secs'],
  degC: ['degree Celsius', 'degrees Celsius', '°C', ' C', 'degrees C'],
  degF: ['degree Fahrenheit', 'degrees Fahrenheit', '°F', ' F', 'degrees F'],
  '%': ['percent', 'percent', '%', 'per cent'],
  W: ['watt', 'watts', 'W'],
  kW: ['kilowatt', 'kilowatts', 'kW'],
  kWh: ['kilowatt hour', 'kilowatt hours', 'kWh'],
  V: ['volt', 'volts', 'V'],
  MB: ['megabyte', 'megabytes', 'MB'],
  GB: ['gigabyte', 'gigabytes', 'GB', 'gigs'],
  TB: ['terabyte', 'terabytes', 'TB'],
  'km/h': ['kilometre per hour', 'kilometres per hour', 'km/h', 'kph'],
  mph: ['mile per hour', 'miles per hour', 'mph'],
  USD: ['dollar', 'dollars', 'USD', 'US dollars'],
  EUR: ['euro', 'euros', 'EUR'],
};
const SYMBOLS = Object.keys(UNITS);
const MEASURED = ['kg', 'g', 'mg', 't', 'lb', 'oz', 'L', 'mL', 'cup', 'tbsp', 'tsp', 'gal', 'm', 'ft'];

const STUFF =
  'flour sugar water milk rice butter oil salt honey cheese coffee tea sand gravel cement paint rope cable wire fabric steel copper wood paper glue fuel diesel grain corn oats beef chicken fish potatoes carrots onions apples beans lentils pasta yeast vanilla cream chocolate storage data memory soil mulch seed'.split(
    ' ',
  );
const THINGS =
  'eggs apples chairs tables screws nails bolts bottles boxes bags books pens tickets people guests rooms cars tyres batteries lamps shirts shoes sheets plates cups spoons eggs bricks tiles panels servers phones'.split(
    ' ',
  );
const SYLLABLES =
  'ba cor del fin gra hu jo kel lum mer nix or pla qua rin sto tel ur vex wil xan yor zet'.split(' ');

const invent = (random: SeededRandom): string =>
  Array.from({ length: random.between(2, 3) }, () => random.pick(SYLLABLES)).join('');
const nameStuff = (random: SeededRandom, list: readonly string[]): string =>
  random.chance(150) ? invent(random) : random.pick(list);

interface Amount {
  readonly text: string;
  readonly value: number;
  /** Whether a unit follows in its form of one. */
  readonly isOne: boolean;
}

function sayAmount(random: SeededRandom): Amount {
  const count = random.weighted([
    [random.between(1, 12), 45],
    [random.between(13, 99), 25],
    [5 * random.between(20, 200), 15],
    [random.between(100, 999), 8],
    [100 * random.between(10, 99), 7],
  ]);
  const shape = random.below(100);
  if (shape < 55) return { text: sayCount(random, count), value: count, isOne: count === 1 };
  if (shape < 75) {
    const tenths = random.between(1, 999);
    const digits = random.chance(250) ? 2 : 1;
    const value = tenths / 10 ** digits;
    return { text: value.toFixed(digits), value: Number(value.toFixed(digits)), isOne: false };
  }
  const small = random.between(1, 12);
  if (shape < 85) return { text: `${toWords(small)} and a half`, value: small + 0.5, isOne: false };
  if (shape < 90) return { text: `${small} ${random.pick(['1/2', '½'])}`, value: small + 0.5, isOne: false };
  if (shape < 94) return { text: random.pick(['half a', '1/2', 'a half', '½']), value: 0.5, isOne: true };
  if (shape < 97)
    return { text: random.pick(['a quarter', '1/4', 'a quarter of a', '¼']), value: 0.25, isOne: true };
  return { text: random.pick(['three quarters of a', '3/4', '¾']), value: 0.75, isOne: true };
}

interface Said {
  readonly text: string;
  readonly answer: string;
}

function sayMeasured(random: SeededRandom): Said {
  const { text, value, isOne } = sayAmount(random);
  const hasStuff = random.chance(550);
  const symbol = random.pick(hasStuff ? MEASURED : SYMBOLS);
  const [one, many, ...written] = UNITS[symbol] as readonly [string, string, ...string[]];
  const isDigits = /^[\d.,]+$/.test(text);
  const unit = isDigits && random.chance(600) ? random.pick(written) : isOne ? one : many;
  const isTight = isDigits && /^[A-Za-z°%/]{1,4}$/.test(unit) && random.chance(450);
  const amount = `${text}${isTight || unit.startsWith(' ') ? '' : ' '}${unit}`;
  if (!hasStuff) return { text: amount, answer: JSON.stringify({ value, unit: symbol }) };
  const of = nameStuff(random, STUFF);
  const whole = random.pick([
    `${amount} of ${of}`,
    `${amount} ${of}`,
    `${of}, ${amount}`,
    `${of}: ${amount}`,
  ]);
  return { text: whole, answer: JSON.stringify({ value, unit: symbol, of }) };
}

function sayRange(random: SeededRandom): Said {
  const low = random.between(1, 90);
  const high = low + random.between(1, 30);
  const symbol = random.pick(SYMBOLS);
  const [, many, ...written] = UNITS[symbol] as readonly [string, string, ...string[]];
  const unit = random.chance(500) ? random.pick(written).trim() : many;
  const text = random.pick([
    `${low} to ${high} ${unit}`,
    `${low}-${high} ${unit}`,
    `between ${low} and ${high} ${unit}`,
    `${sayCount(random, low)} to ${sayCount(random, high)} ${unit}`,
    `from ${low} up to ${high} ${unit}`,
  ]);
  return { text, answer: JSON.stringify({ value: [low, high], unit: symbol }) };
}

function sayCounted(random: SeededRandom): Said {
  const of = nameStuff(random, THINGS);
  if (random.chance(200)) {
    const dozens = random.between(1, 6);
    const text = dozens === 1 ? random.pick(['a dozen', 'one dozen']) : `${sayCount(random, dozens)} dozen`;
    return { text: `${text} ${of}`, answer: JSON.stringify({ value: 12 * dozens, of }) };
  }
  const count = random.between(2, random.chance(700) ? 30 : 5_000);
  const text = random.pick([
    `${sayCount(random, count)} ${of}`,
    `${of} x ${count}`,
    `${count}x ${of}`,
    `${count} pcs of ${of}`,
  ]);
  return { text, answer: JSON.stringify({ value: count, of }) };
}

/** No number, or no quantity at all. */
function sayUnsupported(random: SeededRandom): Said {
  const text = random.pick<() => string>([
    () =>
      `${random.pick(['some', 'a lot of', 'plenty of', 'a bit of', 'a little', 'enough', 'a few'])} ${random.pick(STUFF)}`,
    () => random.pick([...STUFF, ...THINGS]),
    () =>
      random.pick([
        'hello',
        'how much is it?',
        'who are you',
        'thank you',
        'as needed',
        'to taste',
        'tell me a joke',
      ]),
    () => `${random.pick(['a pinch', 'a handful', 'a dash', 'a knob'])} of ${random.pick(STUFF)}`,
  ])();
  return { text, answer: UNSUPPORTED };
}

const LEADS = [
  '',
  '',
  '',
  '',
  'add ',
  'i need ',
  'we ordered ',
  'about ',
  'exactly ',
  'please weigh ',
  'buy ',
  'use ',
];

/** Amounts with units, in English → JSON `{value, unit, of}`. */
export const quantities: Specialist = {
  name: 'quantities',
  draw(random) {
    const { text, answer } = random.weighted<(random: SeededRandom) => Said>([
      [sayMeasured, 60],
      [sayRange, 14],
      [sayCounted, 20],
      [sayUnsupported, 6],
    ])(random);
    return { question: dress(random, `${random.pick(LEADS)}${text}`), answer };
  },
  isRight(known, given) {
    if (known === UNSUPPORTED) return given.trim() === UNSUPPORTED;
    const [a, b] = [readQuantity(known), readQuantity(given)];
    return a !== null && b !== null && JSON.stringify(a) === JSON.stringify(b);
  },
  wild: [
    ['two and a half kilos of potatoes', '{"value":2.5,"unit":"kg","of":"potatoes"}'],
    ['350 ml milk', '{"value":350,"unit":"mL","of":"milk"}'],
    ['seventy-two degrees fahrenheit', '{"value":72,"unit":"degF"}'],
    ['3 dozen eggs', '{"value":36,"of":"eggs"}'],
    ['half a cup of sugar', '{"value":0.5,"unit":"cup","of":"sugar"}'],
    ['5-7 km', '{"value":[5,7],"unit":"km"}'],
    ['a splash of vinegar', UNSUPPORTED],
    ['1,500 bricks', '{"value":1500,"of":"bricks"}'],
    ['12V', '{"value":12,"unit":"V"}'],
    ['twenty percent', '{"value":20,"unit":"%"}'],
    ['0.75 inches', '{"value":0.75,"unit":"in"}'],
    ['rope: 30 metres', '{"value":30,"unit":"m","of":"rope"}'],
    ['between 10 and 12 dollars', '{"value":[10,12],"unit":"USD"}'],
    ['500GB of storage', '{"value":500,"unit":"GB","of":"storage"}'],
    ['a tablespoon of oil', '{"value":1,"unit":"tbsp","of":"oil"}'],
    ['how are you', UNSUPPORTED],
    ['six chairs', '{"value":6,"of":"chairs"}'],
    ['120 kilometers per hour', '{"value":120,"unit":"km/h"}'],
    ['three quarters of a pound of butter', '{"value":0.75,"unit":"lb","of":"butter"}'],
    ['a lot', UNSUPPORTED],
  ].map(([question, answer]) => ({ question, answer }) as Example),
};

/** Reads an answer strictly: no other keys, known units, finite numbers. Null when it is none. */
export function readQuantity(
  text: string,
): { value: number[]; unit: string | null; of: string | null } | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // A model's text that is no JSON is an expected outcome: a wrong answer.
    return null;
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return null;
  const { value, unit = null, of = null, ...rest } = json as Record<string, unknown>;
  const values = Array.isArray(value) ? value : [value];
  if (Object.keys(rest).length > 0 || values.length < 1 || values.length > 2) return null;
  if (!values.every((each) => typeof each === 'number' && Number.isFinite(each))) return null;
  if (unit !== null && !SYMBOLS.includes(unit as string)) return null;
  if (of !== null && typeof of !== 'string') return null;
  return {
    value: values as number[],
    unit: unit as string | null,
    of: (of as string | null)?.toLowerCase() ?? null,
  };
}
