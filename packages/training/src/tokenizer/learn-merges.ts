import { utf8ToBytes } from '@cairn/core';
import type { LongWork } from './count-words.ts';
import { MAX_TOKENS, pairKey } from './merge-word.ts';

/** A pair that became a token; the ids are bytes up to 255 and then places in the list of merges. */
export interface LearnedMerge {
  readonly left: number;
  readonly right: number;
}

interface Pair {
  readonly key: number;
  /** How often the pair stands in all texts now. */
  count: number;
  /** Count under which it lies in the heap. */
  queued: number;
  readonly words: Set<number>;
}

/** Words that are looked through between two pauses. */
const WORDS_PER_TURN = 2_000;
/** Pairs that stand once in all texts are no habit of the language. */
const MIN_COUNT = 2;

/**
 * Byte-pair encoding: again and again, the most frequent pair of neighbours becomes a token, of equally frequent ones
 * the one with the lowest ids. Counts of pairs are kept up to date instead of counted anew, so the cost goes with the
 * words that change. The same counts give the same merges on every machine.
 *
 * @param wordCounts how often each word stands in the texts.
 * @param most merges at most; fewer when no pair stands twice.
 */
export async function learnMerges(
  wordCounts: ReadonlyMap<string, number>,
  most: number,
  { pause, onProgress, signal }: LongWork,
): Promise<LearnedMerge[]> {
  const words: Int32Array[] = [];
  const counts: number[] = [];
  for (const [word, count] of wordCounts) {
    const symbols = Int32Array.from(utf8ToBytes(word));
    if (symbols.length < 2) continue;
    words.push(symbols);
    counts.push(count);
  }
  const pairs = new Map<number, Pair>();
  const touched = new Set<Pair>();
  const addTo = (left: number, right: number, by: number, word: number): void => {
    const key = pairKey(left, right);
    let pair = pairs.get(key);
    if (pair === undefined) {
      pair = { key, count: 0, queued: 0, words: new Set() };
      pairs.set(key, pair);
    }
    pair.count += by;
    if (by > 0) pair.words.add(word);
    touched.add(pair);
  };
  const heap = createHeap();
  const queueTouched = (): void => {
    for (const pair of touched) {
      if (pair.count >= MIN_COUNT && pair.count !== pair.queued) heap.push(pair);
      pair.queued = pair.count;
      if (pair.count === 0) pairs.delete(pair.key);
    }
    touched.clear();
  };
  let left = WORDS_PER_TURN;
  const rest = async (done: number): Promise<void> => {
    if (--left > 0) return;
    left = WORDS_PER_TURN;
    if (signal?.aborted) throw signal.reason;
    onProgress?.(done / Math.max(1, most));
    await pause?.();
  };
  for (const [index, symbols] of words.entries()) {
    for (let at = 0; at + 1 < symbols.length; at++)
      addTo(symbols[at]!, symbols[at + 1]!, counts[index]!, index);
    await rest(0);
  }
  queueTouched();
  const merges: LearnedMerge[] = [];
  while (merges.length < most) {
    const best = heap.pop();
    if (best === null) break;
    const merge = { left: Math.floor(best.key / MAX_TOKENS), right: best.key % MAX_TOKENS };
    const id = 256 + merges.length;
    merges.push(merge);
    for (const index of best.words) {
      words[index] = replacePair(words[index]!, merge, id, (a, b, sign) =>
        addTo(a, b, sign * counts[index]!, index),
      );
      await rest(merges.length);
    }
    queueTouched();
    pairs.delete(best.key);
  }
  return merges;
}

/** The word with a pair made one token; tells which pairs of neighbours come and go. */
function replacePair(
  symbols: Int32Array,
  { left, right }: LearnedMerge,
  id: number,
  change: (left: number, right: number, sign: 1 | -1) => void,
): Int32Array {
  const replaced: number[] = [];
  for (let at = 0; at < symbols.length; at++) {
    const isPair = symbols[at] === left && at + 1 < symbols.length && symbols[at + 1] === right;
    replaced.push(isPair ? id : symbols[at]!);
    if (isPair) at++;
  }
  if (replaced.length === symbols.length) return symbols;
  for (let at = 0; at + 1 < symbols.length; at++) change(symbols[at]!, symbols[at + 1]!, -1);
  for (let at = 0; at + 1 < replaced.length; at++) change(replaced[at]!, replaced[at + 1]!, 1);
  return Int32Array.from(replaced);
}

interface Entry {
  readonly pair: Pair;
  readonly count: number;
}

/** Most frequent first, lowest ids first among equals. Entries whose count has changed since are skipped. */
function createHeap() {
  const entries: Entry[] = [];
  const isBefore = (a: Entry, b: Entry) =>
    a.count > b.count || (a.count === b.count && a.pair.key < b.pair.key);
  const takeTop = (): Entry | undefined => {
    const top = entries[0];
    const last = entries.pop();
    if (top === undefined || last === undefined || entries.length === 0) return top;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= entries.length) break;
      if (child + 1 < entries.length && isBefore(entries[child + 1]!, entries[child]!)) child++;
      if (!isBefore(entries[child]!, last)) break;
      entries[place] = entries[child]!;
      place = child;
    }
    entries[place] = last;
    return top;
  };
  return {
    push(pair: Pair): void {
      const entry = { pair, count: pair.count };
      let place = entries.push(entry) - 1;
      while (place > 0) {
        const parent = (place - 1) >> 1;
        if (!isBefore(entry, entries[parent]!)) break;
        entries[place] = entries[parent]!;
        place = parent;
      }
      entries[place] = entry;
    },
    pop(): Pair | null {
      for (let top = takeTop(); top !== undefined; top = takeTop()) {
        if (top.count === top.pair.count && top.count >= MIN_COUNT) return top.pair;
      }
      return null;
    },
  };
}
