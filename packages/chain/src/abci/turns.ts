/** Work that waits for its turn, a little in each round of the event loop. */
export interface Turns {
  /** Runs it in its turn, after all that waited before it. */
  run<T>(action: () => Promise<T>): Promise<T>;
}

/**
 * Takes turns with everything else the process does, so that a flood of checks does not keep consensus waiting: a round
 * of 16 is about three milliseconds of signatures.
 */
export function createTurns(perRound = 16): Turns {
  let waiting: (() => void)[] = [];
  let next = 0;
  let isScheduled = false;

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(round);
  }

  function round(): void {
    isScheduled = false;
    const end = Math.min(next + perRound, waiting.length);
    while (next < end) waiting[next++]!();
    if (next < waiting.length) {
      schedule();
      return;
    }
    waiting = [];
    next = 0;
  }

  return {
    run: (action) =>
      new Promise((resolve, reject) => {
        waiting.push(() => void action().then(resolve, reject));
        schedule();
      }),
  };
}
