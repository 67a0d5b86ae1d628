import type { CancelSignal } from '@cairn/core';
import { sliceText, splitWords } from './split-words.ts';

/** What long work on one thread is given, so that others get their turn. */
export interface LongWork {
  /** Called every few milliseconds of work; lets others run. Left out, the work is done in one go. */
  readonly pause?: () => Promise<void>;
  /** Told how far the work is, from 0 to 1. */
  readonly onProgress?: (share: number) => void;
  readonly signal?: CancelSignal;
}

/** Longer words teach nothing about a language; they are cut off. In UTF-16 units. */
const MAX_WORD_LENGTH = 128;
/** Words counted between two pauses. */
const WORDS_PER_TURN = 2_000;
/** Different words that are counted; further new ones are left out. */
const MAX_WORDS = 2_000_000;

/** How often each word stands in the texts. @throws the reason of an aborted `signal` */
export async function countWords(
  texts: Iterable<string> | AsyncIterable<string>,
  splitDigits: boolean,
  { pause, signal }: LongWork,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  let left = WORDS_PER_TURN;
  for await (const text of texts) {
    for (const slice of sliceText(text)) {
      for (const word of splitWords(slice, splitDigits)) {
        const kept = word.length > MAX_WORD_LENGTH ? word.slice(0, MAX_WORD_LENGTH) : word;
        const count = counts.get(kept);
        if (count !== undefined || counts.size < MAX_WORDS) counts.set(kept, (count ?? 0) + 1);
        left -= 1;
      }
      if (left > 0) continue;
      left = WORDS_PER_TURN;
      if (signal?.aborted) throw signal.reason;
      await pause?.();
    }
  }
  return counts;
}
