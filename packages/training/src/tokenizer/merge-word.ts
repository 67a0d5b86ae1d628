/** What two neighbouring tokens become, and how early that was learned. */
export interface Merge {
  readonly rank: number;
  readonly id: number;
}

/** Merges by `pairKey`. */
export type MergeTable = ReadonlyMap<number, Merge>;

/** Most tokens of one tokenizer, so that a pair of ids is one exact number. */
export const MAX_TOKENS = 1 << 20;

/** One number for a pair of token ids. */
export function pairKey(left: number, right: number): number {
  return left * MAX_TOKENS + right;
}

/** A pair that could be merged. It is stale when the tokens at its places have changed. */
interface Candidate {
  readonly rank: number;
  readonly at: number;
  readonly left: number;
  readonly right: number;
  readonly id: number;
}

/**
 * The tokens of one word: of all neighbours that can be merged, those learned first are merged first, the leftmost of
 * equals first. O(n log n) in the length of the word, whatever strangers write.
 */
export function mergeWord(symbols: Int32Array, merges: MergeTable): number[] {
  const { length } = symbols;
  const next = Int32Array.from({ length }, (_, index) => index + 1);
  const previous = Int32Array.from({ length }, (_, index) => index - 1);
  const heap: Candidate[] = [];
  const consider = (at: number): void => {
    const after = next[at]!;
    if (after >= length) return;
    const merge = merges.get(pairKey(symbols[at]!, symbols[after]!));
    if (merge !== undefined)
      push(heap, { rank: merge.rank, at, left: symbols[at]!, right: symbols[after]!, id: merge.id });
  };
  for (let at = 0; at < length - 1; at++) consider(at);
  for (let best = pop(heap); best !== null; best = pop(heap)) {
    const { at, left, right, id } = best;
    const after = next[at]!;
    if (symbols[at] !== left || after >= length || symbols[after] !== right) continue;
    symbols[at] = id;
    symbols[after] = -1;
    next[at] = next[after]!;
    if (next[at]! < length) previous[next[at]!] = at;
    if (previous[at]! >= 0) consider(previous[at]!);
    consider(at);
  }
  const tokens: number[] = [];
  for (let at = 0; at < length; at = next[at]!) tokens.push(symbols[at]!);
  return tokens;
}

const isBefore = (a: Candidate, b: Candidate): boolean =>
  a.rank < b.rank || (a.rank === b.rank && a.at < b.at);

function push(heap: Candidate[], candidate: Candidate): void {
  let place = heap.length;
  heap.push(candidate);
  while (place > 0) {
    const parent = (place - 1) >> 1;
    if (!isBefore(candidate, heap[parent]!)) break;
    heap[place] = heap[parent]!;
    place = parent;
  }
  heap[place] = candidate;
}

function pop(heap: Candidate[]): Candidate | null {
  const top = heap[0];
  const last = heap.pop();
  if (top === undefined || last === undefined) return null;
  if (heap.length === 0) return top;
  let place = 0;
  for (;;) {
    let child = 2 * place + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
    if (!isBefore(heap[child]!, last)) break;
    heap[place] = heap[child]!;
    place = child;
  }
  heap[place] = last;
  return top;
}
