import { createHash } from 'node:crypto';
import type { Clock } from '@cairn/core';
import { GatewayError } from '../errors.ts';

/** A whole answer, kept to be given again. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface IdempotencySlot {
  /** The answer that was given before; null when this request is the first. */
  readonly replay: KeptAnswer | null;
  keep(answer: KeptAnswer): void;
  /** The request failed or was cut off: its key may be used again. */
  forget(): void;
}

export interface IdempotencyBook {
  /**
   * Binds a client's key to caller, method, path and body.
   *
   * @throws GatewayError `idempotency_key_reused`, `idempotency_in_progress`
   */
  claim(key: string, caller: string, method: string, path: string, body: Uint8Array): IdempotencySlot;
}

const KEPT_MS = 86_400_000;
const MOST_KEPT = 2_000;
const MOST_BYTES = 32 * 1024 * 1024;

interface Entry {
  readonly binding: string;
  readonly atMs: number;
  answer: KeptAnswer | null;
}

/** Remembers answers in memory for a day, the oldest making room for new ones. */
export function createIdempotencyBook(clock: Clock): IdempotencyBook {
  const entries = new Map<string, Entry>();
  let bytes = 0;

  function drop(name: string): void {
    bytes -= entries.get(name)?.answer?.body.length ?? 0;
    entries.delete(name);
  }

  function makeRoom(): void {
    for (const [name, entry] of entries) {
      const isOld = clock.nowMs() - entry.atMs > KEPT_MS;
      if (!isOld && entries.size <= MOST_KEPT && bytes <= MOST_BYTES) return;
      if (entry.answer !== null || isOld) drop(name);
    }
  }

  return {
    claim(key, caller, method, path, body) {
      makeRoom();
      const name = `${caller} ${key}`;
      const binding = createHash('sha256').update(`${method} ${path}\n`).update(body).digest('hex');
      const known = entries.get(name);
      if (known !== undefined) {
        if (known.binding !== binding) {
          throw new GatewayError(
            { code: 'idempotency_key_reused' },
            'This Idempotency-Key was used for another request. Use a new key for each request.',
          );
        }
        if (known.answer === null) {
          throw new GatewayError(
            { code: 'idempotency_in_progress' },
            'The first request with this Idempotency-Key is still under way. Try again in a second.',
          );
        }
        return { replay: known.answer, keep: () => undefined, forget: () => undefined };
      }
      const mine: Entry = { binding, atMs: clock.nowMs(), answer: null };
      entries.set(name, mine);
      return {
        replay: null,
        keep(answer) {
          mine.answer = answer;
          bytes += answer.body.length;
          makeRoom();
        },
        forget() {
          if (entries.get(name) === mine && mine.answer === null) entries.delete(name);
        },
      };
    },
  };
}
