import type { Timer } from '../ports/consensus-engine.ts';
import type { DeltaFrame } from './infer-frame.ts';

/** Milliseconds in which nobody notices a wait. */
export const GATHER_MS = 5;

/** Characters of deltas that travel as one, far below what a frame may hold. */
const MOST_CHARACTERS = 16 * 1024;

export interface GatherOptions {
  readonly timer: Timer;
  /** 0: nothing is gathered. */
  readonly windowMs: number;
  /** Most tokens of deltas that travel as one. */
  readonly mostTokens: number;
}

/**
 * Deltas as they come, unless they come faster than anybody reads: what follows another one within a window waits for
 * its end, and travels as one. Every piece costs both ends the same, however short it is.
 */
export async function* gatherDeltas(
  deltas: AsyncIterable<DeltaFrame>,
  { timer, windowMs, mostTokens }: GatherOptions,
): AsyncGenerator<DeltaFrame, void> {
  if (windowMs === 0) return yield* deltas;
  const source = deltas[Symbol.asyncIterator]();
  let coming = ask();

  function ask(): Promise<IteratorResult<DeltaFrame, unknown>> {
    const next = source.next();
    // It may fail while the reader is busy with what came before, and is awaited after that.
    next.catch(() => undefined);
    return next;
  }

  /** What comes from now on until the window is over; null: nothing. */
  async function gatherWindow(): Promise<DeltaFrame | null> {
    let held: DeltaFrame | null = null;
    let close = (): void => undefined;
    const over = new Promise<null>((resolve) => {
      close = timer.schedule(windowMs, () => resolve(null));
    });
    try {
      for (;;) {
        const came = await Promise.race([coming, over]);
        if (came === null || came.done === true) return held;
        if (held !== null && !fits(held, came.value, mostTokens)) return held;
        held = held === null ? came.value : joinDeltas(held, came.value);
        coming = ask();
      }
    } catch (error) {
      // What came before a failure is told before it.
      if (held === null) throw error;
      return held;
    } finally {
      close();
    }
  }

  try {
    for (;;) {
      const first = await coming;
      if (first.done === true) return;
      coming = ask();
      yield first.value;
      for (let held = await gatherWindow(); held !== null; held = await gatherWindow()) yield held;
    }
  } finally {
    // Whoever stops early no longer asks how what is under way ends.
    await Promise.allSettled([coming]);
    await source.return?.();
  }
}

function fits(held: DeltaFrame, next: DeltaFrame, mostTokens: number): boolean {
  // Joined with others, ids that are known would be lost.
  const isAlike = (held.tokenIds === null) === (next.tokenIds === null);
  const isShort = held.text.length + next.text.length <= MOST_CHARACTERS;
  return isAlike && isShort && held.tokens + next.tokens <= mostTokens;
}

/** Two deltas as one, with ids only where both have them. */
export function joinDeltas(one: DeltaFrame, other: DeltaFrame): DeltaFrame {
  const both = <T>(mine: readonly T[] | null, theirs: readonly T[] | null) =>
    mine === null || theirs === null ? (mine ?? theirs) : [...mine, ...theirs];
  return {
    type: 'delta',
    text: one.text + other.text,
    tokens: one.tokens + other.tokens,
    tokenIds: one.tokenIds === null || other.tokenIds === null ? null : [...one.tokenIds, ...other.tokenIds],
    logprobs: both(one.logprobs, other.logprobs),
  };
}
