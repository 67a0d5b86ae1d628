import type { Clock } from '@cairn/core';
import { GatewayError } from './errors.ts';

/** Counts requests of callers in minutes that begin with their first request. */
export interface RateBook {
  /** @throws GatewayError `too_many_requests` */
  take(caller: string, perMinute: number): void;
  /** In the form of OpenAI's. */
  headers(caller: string, perMinute: number): Readonly<Record<string, string>>;
}

const MINUTE_MS = 60_000;
/** Callers remembered; minutes that are over go first. */
const MOST_CALLERS = 10_000;

interface Window {
  readonly startMs: number;
  count: number;
  refused: number;
}

export function createRateBook(clock: Clock): RateBook {
  const windows = new Map<string, Window>();

  function windowOf(caller: string): Window {
    const nowMs = clock.nowMs();
    const known = windows.get(caller);
    if (known !== undefined && nowMs - known.startMs < MINUTE_MS) return known;
    windows.delete(caller);
    const fresh = { startMs: nowMs, count: 0, refused: 0 };
    windows.set(caller, fresh);
    for (const [name, { startMs }] of windows) {
      if (windows.size <= MOST_CALLERS && nowMs - startMs < MINUTE_MS) break;
      windows.delete(name);
    }
    windows.set(caller, fresh);
    return fresh;
  }

  return {
    take(caller, perMinute) {
      const window = windowOf(caller);
      if (window.count < perMinute) {
        window.count += 1;
        return;
      }
      window.refused += 1;
      const resetMs = window.startMs + MINUTE_MS - clock.nowMs();
      throw new GatewayError(
        { code: 'too_many_requests', limit: perMinute, resetMs, position: window.refused },
        `This key may send ${perMinute} requests a minute and has sent them. ${window.refused} wait for the next minute, which begins in ${resetMs} ms.`,
      );
    },
    headers(caller, perMinute) {
      const { count, startMs } = windowOf(caller);
      return {
        'x-ratelimit-limit-requests': String(perMinute),
        'x-ratelimit-remaining-requests': String(Math.max(perMinute - count, 0)),
        'x-ratelimit-reset-requests': `${Math.ceil((startMs + MINUTE_MS - clock.nowMs()) / 1_000)}s`,
      };
    },
  };
}
