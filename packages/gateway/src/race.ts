import type { Timer } from '@cairn/protocol';
import type { InferEvent } from '@cairn/sdk';
import type { Attempt } from './attempt.ts';

/** The attempt that brought the first token, with the event that did. */
export interface Won {
  readonly attempt: Attempt;
  readonly event: InferEvent;
}

/**
 * Asks a second provider when the first is late; the one that brings a token first goes on, the other is cancelled
 * and paid for what it sent.
 *
 * @param second starts the second attempt; null when there is none.
 * @throws what the last one failed with, when both fail
 */
export async function raceForFirst(
  timer: Timer,
  first: Attempt,
  afterMs: number,
  second: () => Attempt | null,
): Promise<Won> {
  const running = new Map<Attempt, Promise<Won>>();
  const late = Promise.withResolvers<'late'>();
  const stop = timer.schedule(afterMs, () => late.resolve('late'));
  let isHedged = false;
  let failure: unknown = null;

  const add = (attempt: Attempt) => {
    const mine = firstToken(attempt);
    mine.catch((error: unknown) => {
      failure = error;
      running.delete(attempt);
    });
    running.set(attempt, mine);
  };

  const hedge = () => {
    isHedged = true;
    const attempt = second();
    if (attempt !== null) add(attempt);
  };

  add(first);
  try {
    for (;;) {
      const outcome = await Promise.race([...running.values(), ...(isHedged ? [] : [late.promise])]).catch(
        () => null,
      );
      if (outcome === 'late') hedge();
      else if (outcome !== null) {
        for (const attempt of running.keys()) if (attempt !== outcome.attempt) attempt.leave();
        return outcome;
      }
      // Let the failed one take itself off the list.
      await Promise.resolve();
      if (running.size === 0) throw failure;
    }
  } finally {
    stop();
  }
}

async function firstToken(attempt: Attempt): Promise<Won> {
  for (;;) {
    const event = await attempt.next();
    if (event.type !== 'accepted') return { attempt, event };
  }
}
