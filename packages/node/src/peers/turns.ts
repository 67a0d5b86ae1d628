import type { Timer } from '@cairn/protocol';

export interface TurnsOptions {
  /** Works at a time. */
  readonly most: number;
  /** Longest wait for a turn. */
  readonly waitMs: number;
  /** What is thrown to who waited so long. */
  readonly onLate: () => Error;
}

/** Runs works a few at a time, the rest in the order they came. */
export function createTurns(
  timer: Timer,
  { most, waitMs, onLate }: TurnsOptions,
): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let free = most;

  function wait(): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = timer.schedule(waitMs, () => {
        waiting.splice(waiting.indexOf(begin), 1);
        reject(onLate());
      });
      const begin = (): void => {
        stop();
        resolve();
      };
      waiting.push(begin);
    });
  }

  return async (work) => {
    if (free > 0) free -= 1;
    else await wait();
    try {
      return await work();
    } finally {
      // Whoever is next takes the place at once, before one that comes now.
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
