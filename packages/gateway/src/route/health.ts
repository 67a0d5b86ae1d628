import type { Clock } from '@cairn/core';

/** What a gateway has seen of its providers. Kept per provider. */
export interface Health {
  readonly inFlight: number;
  /** Share of answers that came well, recent ones weigh more. Starts at 1. */
  readonly success: number;
  /** Average time to the first token; null before the first answer. */
  readonly ttftMs: number | null;
  /** Time that all but 5 % of the last first tokens took; null before the first answer. */
  readonly slowTtftMs: number | null;
  /** Average speed after the first token; null before it was measured. */
  readonly tokensPerSecond: number | null;
}

export type Verdict = 'well' | 'failed' | 'busy' | 'cheated';

export interface HealthBook {
  of(provider: string): Health;
  /** Whether a provider may be asked now: its breaker is closed, or it is time for one trial. */
  isOpenFor(provider: string): boolean;
  started(provider: string): void;
  firstToken(provider: string, ttftMs: number): void;
  /** Tokens behind the first, and how long they took. */
  tokensCame(provider: string, tokens: number, tookMs: number): void;
  /** `verdict` busy: it was full, which is no fault. cheated: its breaker opens at once. */
  /** Providers it remembers, and how many of them are not asked now. */
  count(): { readonly known: number; readonly open: number };
  ended(provider: string, verdict: Verdict): void;
  /** It was found out after its answer had ended: its breaker opens at once. */
  condemn(provider: string): void;
}

interface Entry {
  inFlight: number;
  success: number;
  ttftMs: number | null;
  /** The last ones, the oldest first. */
  readonly ttfts: number[];
  tokens: number;
  tokensMs: number;
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
const KEPT_TTFTS = 40;
/** Speed is told from about this many tokens on; older ones fade. */
const SPEED_TOKENS = 4_096;
const LEAST_SPEED_TOKENS = 16;
/** Providers kept. The one asked longest ago is forgotten first. */
const MOST_PROVIDERS = 10_000;

/** Breakers open after three failures in a row within 30 s, for 15 s, doubling up to four minutes. */
export function createHealthBook(clock: Clock): HealthBook {
  const entries = new Map<string, Entry>();

  function entryOf(provider: string): Entry {
    const known = entries.get(provider);
    if (known !== undefined) return known;
    const entry: Entry = {
      inFlight: 0,
      success: 1,
      ttftMs: null,
      ttfts: [],
      tokens: 0,
      tokensMs: 0,
      failuresInRow: 0,
      firstFailureMs: 0,
      closedUntilMs: 0,
      pauseMs: FIRST_PAUSE_MS,
    };
    entries.set(provider, entry);
    if (entries.size > MOST_PROVIDERS) forgetOne();
    return entry;
  }

  function forgetOne(): void {
    for (const [provider, { inFlight }] of entries) {
      if (inFlight > 0) continue;
      entries.delete(provider);
      return;
    }
  }

  function trip(entry: Entry): void {
    entry.closedUntilMs = clock.nowMs() + entry.pauseMs;
    entry.pauseMs = Math.min(2 * entry.pauseMs, LONGEST_PAUSE_MS);
    entry.failuresInRow = FAILURES_TO_OPEN - 1;
    entry.firstFailureMs = entry.closedUntilMs;
  }

  function count(entry: Entry, outcome: 0 | 1): void {
    entry.success = Math.max(LEAST_SUCCESS, entry.success + WEIGHT_OF_NEW * (outcome - entry.success));
  }

  return {
    of(provider) {
      const { inFlight, success, ttftMs, ttfts, tokens, tokensMs } = entryOf(provider);
      return {
        inFlight,
        success,
        ttftMs,
        get slowTtftMs() {
          return ttfts.length === 0 ? null : percentile95(ttfts);
        },
        tokensPerSecond: tokens < LEAST_SPEED_TOKENS ? null : (1_000 * tokens) / Math.max(tokensMs, 1),
      };
    },
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
      entry.ttfts.push(ttftMs);
      if (entry.ttfts.length > KEPT_TTFTS) entry.ttfts.shift();
    },
    tokensCame(provider, tokens, tookMs) {
      const entry = entryOf(provider);
      entry.tokens += tokens;
      entry.tokensMs += tookMs;
      if (entry.tokens <= SPEED_TOKENS) return;
      entry.tokens /= 2;
      entry.tokensMs /= 2;
    },
    ended(provider, verdict) {
      const entry = entryOf(provider);
      entry.inFlight = Math.max(entry.inFlight - 1, 0);
      if (verdict === 'busy') return;
      count(entry, verdict === 'well' ? 1 : 0);
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
    condemn(provider) {
      const entry = entryOf(provider);
      count(entry, 0);
      trip(entry);
    },
  };
}

function percentile95(times: readonly number[]): number {
  const sorted = times.toSorted((one, other) => one - other);
  return sorted[Math.min(Math.floor(0.95 * sorted.length), sorted.length - 1)] ?? 0;
}
