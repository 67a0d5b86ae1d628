import type { SeededRandom } from '../../seeded-random.ts';

/** How one phrase speaks: drawn once, so that its clock times and names look alike. */
export interface Voice {
  readonly random: SeededRandom;
  /** Share of places where a less usual wording is used when there is one, in 1/1,000. */
  readonly rarePermille: number;
  readonly clock: 'twelve' | 'twentyFour' | 'partOfDay' | 'spoken' | 'military';
  readonly meridiem: readonly [morning: string, evening: string];
  readonly capitalNames: boolean;
  readonly shortNames: boolean;
}

export function drawVoice(random: SeededRandom, rarePermille: number): Voice {
  return {
    random,
    rarePermille,
    clock: random.weighted<Voice['clock']>([
      ['twelve', 52],
      ['twentyFour', 27],
      ['partOfDay', 8],
      ['spoken', 10],
      ['military', 3],
    ]),
    meridiem: random.weighted<Voice['meridiem']>([
      [[' am', ' pm'], 35],
      [['am', 'pm'], 35],
      [[' AM', ' PM'], 12],
      [['AM', 'PM'], 10],
      [[' a.m.', ' p.m.'], 8],
    ]),
    capitalNames: random.chance(550),
    shortNames: random.chance(250),
  };
}

/** One of the usual wordings, or of the less usual ones in the voice's share of cases. */
export function say(voice: Voice, usual: readonly string[], rare: readonly string[] = []): string {
  if (rare.length > 0 && voice.random.chance(voice.rarePermille)) return voice.random.pick(rare);
  return voice.random.pick(usual);
}

/** `a, b and c`, in one of the ways people join a list. */
export function joinWords(voice: Voice, words: readonly string[]): string {
  const last = words.at(-1) as string;
  if (words.length === 1) return last;
  const rest = words.slice(0, -1).join(', ');
  if (words.length === 2) {
    return `${rest}${say(voice, [' and ', ' and ', ' & ', ' or '], [' plus ', ' as well as ', ', and '])}${last}`;
  }
  return say(
    voice,
    [`${rest} and ${last}`, `${rest}, and ${last}`, `${rest}, ${last}`],
    [`${rest} plus ${last}`, words.join(' & ')],
  );
}
