import type { Clock } from '@cairn/core';

/** What a gateway has seen of its providers. Kept per provider. */
export interface Health {
  readonly inFlight: number;
  /** Share of answers that came well, recent ones weigh more. Starts at 1. */
  readonly success: number;
  /** Average time to the first token; null before the first answer. */
  readonly ttftMs: number | null;
}

export interface HealthBook {
  of(provider: string): Health;
  /** Whether a provider may be asked now: its breaker is closed, or it is time for one trial. */
  isOpenFor(provider: string): boolean;
  started(provider: string): void;
  firstToken(provider: string, ttftMs: number): void;
  /** `verdict` busy: it was full, which is no fault. cheated: its breaker opens at once. */
  /** Providers it remembers, and how many of them are not asked now. */
  count(): { readonly known: number; readonly open: number };
  ended(provider: string, verdict: 'well' | 'failed' | 'busy' | 'cheated'): void;
}

interface Entry {
  inFlight: number;
  success: number;
  ttftMs: number | null;
  failuresInRow: number;
  firstFailureMs: number;
  closedUntilMs: number;
  pauseMs: number;
}

const FAILURES_TO_OPEN = 3;
const FAILURE_WINDOW_MS = 30_000;
const FIRST_PAUSE_MS = 15_000;
const LONGEST_PAUSE_MS = 240_000;
const WEIGHT_OF_NEW = 0.1;
const LEAST_SUCCESS = 0.05;

/** Breakers open after three failures in a row within 30 s, for 15 s, doubling up to four minutes. */
export function createHealthBook(clock: Clock): HealthBook {
  const entries = new Map<string, Entry>();

  function entryOf(provider: string): Entry {
    let entry = entries.get(provider);
    if (entry === undefined) {
      entry = {
        inFlight: 0,
        success: 1,
        ttftMs: null,
        failuresInRow: 0,
        firstFailureMs: 0,
        closedUntilMs: 0,
        pauseMs: FIRST_PAUSE_MS,
      };
      entries.set(provider, entry);
    }
    return entry;
  }

  function trip(entry: Entry): void {
    entry.closedUntilMs = clock.nowMs() + entry.pauseMs;
    entry.pauseMs = Math.min(2 * entry.pauseMs, LONGEST_PAUSE_MS);
    entry.failuresInRow = FAILURES_TO_OPEN - 1;
    entry.firstFailureMs = entry.closedUntilMs;
  }

  return {
    of: entryOf,
    isOpenFor(provider) {
      const entry = entryOf(provider);
      if (entry.closedUntilMs === 0) return true;
      // After the pause one trial at a time decides.
      return clock.nowMs() >= entry.closedUntilMs && entry.inFlight === 0;
    },
    count() {
      let open = 0;
      for (const { closedUntilMs } of entries.values()) if (clock.nowMs() < closedUntilMs) open += 1;
      return { known: entries.size, open };
    },
    started(provider) {
      entryOf(provider).inFlight += 1;
    },
    firstToken(provider, ttftMs) {
      const entry = entryOf(provider);
      entry.ttftMs = entry.ttftMs === null ? ttftMs : entry.ttftMs + WEIGHT_OF_NEW * (ttftMs - entry.ttftMs);
    },
    ended(provider, verdict) {
      const entry = entryOf(provider);
      entry.inFlight -= 1;
      if (verdict === 'busy') return;
      const outcome = verdict === 'well' ? 1 : 0;
      entry.success = Math.max(LEAST_SUCCESS, entry.success + WEIGHT_OF_NEW * (outcome - entry.success));
      if (verdict === 'well') {
        entry.failuresInRow = 0;
        entry.closedUntilMs = 0;
        entry.pauseMs = FIRST_PAUSE_MS;
        return;
      }
      const isOld = clock.nowMs() - entry.firstFailureMs > FAILURE_WINDOW_MS;
      if (entry.failuresInRow === 0 || isOld) {
        entry.failuresInRow = 0;
        entry.firstFailureMs = clock.nowMs();
      }
      entry.failuresInRow += 1;
      if (verdict === 'cheated' || entry.failuresInRow >= FAILURES_TO_OPEN) trip(entry);
    },
  };
}
