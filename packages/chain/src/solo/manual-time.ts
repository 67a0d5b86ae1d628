import type { Clock } from '@cairn/core';
import type { Timer } from '@cairn/protocol';

/** Clock and timer that move only when told: for tests and simulations. */
export interface ManualTime {
  readonly clock: Clock;
  readonly timer: Timer;
  /** Moves time on, runs what falls due in order and waits for it. */
  advance(byMs: number): Promise<void>;
}

export function createManualTime(startMs: number): ManualTime {
  let nowMs = startMs;
  let due: { atMs: number; action: () => Promise<void> | void }[] = [];
  return {
    clock: { nowMs: () => nowMs },
    timer: {
      schedule(delayMs, action) {
        const item = { atMs: nowMs + delayMs, action };
        due.push(item);
        return () => {
          due = due.filter((other) => other !== item);
        };
      },
    },
    async advance(byMs) {
      const untilMs = nowMs + byMs;
      for (;;) {
        const next = due.reduce<(typeof due)[number] | null>(
          (first, item) =>
            item.atMs <= untilMs && (first === null || item.atMs < first.atMs) ? item : first,
          null,
        );
        if (next === null) break;
        due = due.filter((item) => item !== next);
        nowMs = Math.max(nowMs, next.atMs);
        await next.action();
      }
      nowMs = untilMs;
    },
  };
}
