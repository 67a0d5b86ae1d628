import { createHash } from 'node:crypto';
import type { Clock } from '@cairn/core';
import type { Timer } from '@cairn/protocol';
import { GatewayError } from '../errors.ts';
import type { KeptStore } from './kept-store.ts';
import { callerOf, createNameShares } from './name-shares.ts';

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
  /** The request was paid for and its answer cannot be given again: its key stays used. */
  spend(): void;
  /** The request failed and cost nothing: its key may be used again. Does nothing once kept or spent. */
  forget(): void;
}

export interface IdempotencyBook {
  /**
   * Binds a client's key to caller, method, path and body. When it resolves, a restart knows of it.
   *
   * @throws GatewayError `idempotency_key_reused`, `idempotency_in_progress`, `idempotency_answer_gone`,
   * `too_many_requests`
   */
  claim(
    key: string,
    caller: string,
    method: string,
    path: string,
    body: Uint8Array,
  ): Promise<IdempotencySlot>;
  /** Ends its timer. */
  stop(): void;
}

export interface IdempotencyParts {
  readonly clock: Clock;
  /** Where keys survive a restart. @default nowhere */
  readonly store?: KeptStore;
  /** Removes keys and answers when their day is over. @default only when a key comes */
  readonly timer?: Timer;
  /** Told when an answer was not kept on disk. */
  readonly onProblem?: (reason: string) => void;
}

const KEPT_MS = 86_400_000;
/** Keys remembered, in shares. More in a day are refused: to forget one would charge its replay again. */
const MOST_KEYS = 100_000;
const MOST_BYTES = 64 * 1024 * 1024;
/** Until it is looked again at a key whose day is over and whose request is still under way. */
const LOOK_AGAIN_MS = 60_000;

interface Entry {
  readonly name: string;
  readonly binding: string;
  readonly atMs: number;
  state: 'running' | 'kept' | 'gone';
  answer: KeptAnswer | null;
}

/**
 * Remembers keys for a day, and answers as long as memory lasts: the oldest answers make room, never their keys. A
 * request that was under way when this process ended may have been paid: its key stays used.
 */
export function createIdempotencyBook(
  { clock, store, timer, onProblem = () => undefined }: IdempotencyParts,
  mostKeys = MOST_KEYS,
): IdempotencyBook {
  const entries = new Map<string, Entry>();
  const shares = createNameShares<Entry>(mostKeys, MOST_BYTES);
  let stopTimer: (() => void) | null = null;

  /** Writes that nobody waits for. */
  function later(write: Promise<void> | undefined): void {
    write?.catch((error: unknown) => onProblem(error instanceof Error ? error.message : String(error)));
  }

  function addEntry(entry: Entry): void {
    entries.set(entry.name, entry);
    shares.add(entry);
  }

  function dropEntry(entry: Entry): void {
    entries.delete(entry.name);
    shares.remove(entry);
  }

  function addAnswer(entry: Entry, answer: KeptAnswer): void {
    const pool = shares.poolOf(callerOf(entry));
    pool.answered.add(entry);
    pool.bytes += answer.body.length;
  }

  function dropAnswer(entry: Entry): void {
    if (entry.answer === null) return;
    const pool = shares.poolOf(callerOf(entry));
    pool.bytes -= entry.answer.body.length;
    pool.answered.delete(entry);
    entry.answer = null;
    entry.state = 'gone';
  }

  function makeRoom(): void {
    for (const entry of entries.values()) {
      if (clock.nowMs() - entry.atMs <= KEPT_MS) break;
      if (entry.state === 'running') continue;
      dropAnswer(entry);
      dropEntry(entry);
      later(store?.remove(entry.name));
    }
    for (const pool of shares.pools) {
      for (const entry of pool.answered) {
        if (pool.bytes <= pool.mostBytes) break;
        dropAnswer(entry);
        later(store?.save(entry));
      }
    }
  }

  /** Looks again when the day of the oldest key is over. */
  function waitForOldest(): void {
    const oldest = entries.values().next().value;
    if (timer === undefined || stopTimer !== null || oldest === undefined) return;
    const leftMs = oldest.atMs + KEPT_MS + 1 - clock.nowMs();
    stopTimer = timer.schedule(leftMs > 0 ? leftMs : LOOK_AGAIN_MS, () => {
      stopTimer = null;
      makeRoom();
      waitForOldest();
    });
  }

  function replay({ binding: known, state, answer }: Entry, binding: string): KeptAnswer {
    if (known !== binding) {
      throw new GatewayError(
        { code: 'idempotency_key_reused' },
        'This Idempotency-Key was used for another request. Use a new key for each request.',
      );
    }
    if (answer !== null) return answer;
    if (state === 'running') {
      throw new GatewayError(
        { code: 'idempotency_in_progress' },
        'The first request with this Idempotency-Key is still under way. Try again in a second.',
      );
    }
    throw new GatewayError(
      { code: 'idempotency_answer_gone' },
      'The request with this Idempotency-Key was answered and paid, and its answer is not kept. /v1/receipts lists it; use a new key to ask again.',
    );
  }

  for (const { name, binding, atMs, answer } of store?.load() ?? []) {
    const entry: Entry = { name, binding, atMs, state: answer === null ? 'gone' : 'kept', answer };
    addEntry(entry);
    if (answer !== null) addAnswer(entry, answer);
  }
  makeRoom();
  waitForOldest();

  return {
    stop() {
      stopTimer?.();
      stopTimer = null;
    },
    async claim(key, caller, method, path, body) {
      makeRoom();
      const name = `${caller} ${key}`;
      const binding = createHash('sha256').update(`${method} ${path}\n`).update(body).digest('hex');
      const known = entries.get(name);
      const nothing = () => undefined;
      if (known !== undefined) {
        return { replay: replay(known, binding), keep: nothing, spend: nothing, forget: nothing };
      }
      shares.requireRoom(caller, ({ atMs }) => atMs + KEPT_MS - clock.nowMs());
      const mine: Entry = { name, binding, atMs: clock.nowMs(), state: 'running', answer: null };
      addEntry(mine);
      waitForOldest();
      try {
        await store?.save(mine);
      } catch (error) {
        dropEntry(mine);
        throw error;
      }
      return {
        replay: null,
        keep(answer) {
          mine.answer = answer;
          mine.state = 'kept';
          addAnswer(mine, answer);
          later(store?.save(mine));
          makeRoom();
        },
        spend() {
          if (mine.state === 'running') mine.state = 'gone';
        },
        forget() {
          if (entries.get(name) !== mine || mine.state !== 'running') return;
          dropEntry(mine);
          later(store?.remove(name));
        },
      };
    },
  };
}
