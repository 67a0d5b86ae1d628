import type { SeededRandom } from '@cairn/mechanisms';

/** A question and the answer that is known to be right. */
export interface Example {
  readonly question: string;
  readonly answer: string;
}

/** A job with checkable answers, and an endless supply of examples of it. */
export interface Specialist {
  /** Also the task in the registry. */
  readonly name: string;
  /** One example. The same random numbers give the same one. */
  draw(random: SeededRandom): Example;
  /** Whether `given` means the same as the known answer, however it is written. Never throws. */
  isRight(known: string, given: string): boolean;
  /** Written by hand before any result, and never trained on. */
  readonly wild: readonly Example[];
}

/** The answer to what the job cannot express. */
export const UNSUPPORTED = 'unsupported';

/**
 * Whether examples with this answer are kept from training: about one answer in ten, so that a model is asked for
 * answers it has never seen. Refusals are never held out.
 */
export function isHeldOut(answer: string): boolean {
  if (answer === UNSUPPORTED) return false;
  let hash = 2_166_136_261;
  for (const character of answer) hash = Math.imul(hash ^ (character.codePointAt(0) as number), 16_777_619);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
  return ((hash ^ (hash >>> 12)) >>> 0) % 10 === 0;
}

/** An example of one side of the split. */
export function drawFrom(specialist: Specialist, random: SeededRandom, side: 'train' | 'held out'): Example {
  for (;;) {
    const example = specialist.draw(random);
    if (isHeldOut(example.answer) === (side === 'held out')) return example;
  }
}

/** What people do to a sentence: capitals, a full stop, a word of thanks. */
export function dress(random: SeededRandom, text: string): string {
  const ended = random.chance(80) ? `${text}${random.pick(['.', '!', '?', ' please', ', thanks'])}` : text;
  const letters = random.below(100);
  if (letters < 14) return ended.toLowerCase();
  if (letters < 30) return `${(ended[0] as string).toUpperCase()}${ended.slice(1)}`;
  return letters < 34 ? ended.toUpperCase() : ended;
}
