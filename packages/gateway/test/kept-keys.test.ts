import type { RecordStore } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { createIdempotencyBook } from '../src/api/idempotency.ts';
import { createKeptStore } from '../src/api/kept-store.ts';

const keptKey = new Uint8Array(32).fill(5);

function aRecordStore(): RecordStore {
  const records = new Map<string, Uint8Array>();
  return {
    get: (key) => records.get(key),
    async set(key, record) {
      records.set(key, record.slice());
    },
    async delete(key) {
      records.delete(key);
    },
    keys: (prefix) => [...records.keys()].filter((key) => key.startsWith(prefix)).sort(),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function aDisk(secret = keptKey, records = aRecordStore()) {
  let next = 0;
  const random = { bytes: (length: number) => new Uint8Array(length).fill(next++) };
  return { records, store: createKeptStore({ records, random }, secret) };
}

describe('a used key', () => {
  it('stays used where the process ended before the answer was whole', async () => {
    const { store } = aDisk();
    const clock = { nowMs: () => 1 };
    const book = createIdempotencyBook({ clock, store });
    await book.claim('once', 'local', 'POST', '/v1/x', new Uint8Array(3));
    const restarted = createIdempotencyBook({ clock, store });
    await expect(restarted.claim('once', 'local', 'POST', '/v1/x', new Uint8Array(3))).rejects.toMatchObject({
      code: 'idempotency_answer_gone',
    });
  });

  it('is forgotten with its day, and what was not paid at once', async () => {
    const { records, store } = aDisk();
    let nowMs = 1;
    const clock = { nowMs: () => nowMs };
    const book = createIdempotencyBook({ clock, store });
    const slot = await book.claim('paid', 'local', 'POST', '/v1/x', new Uint8Array(3));
    slot.keep({ status: 200, headers: {}, body: 'an answer' });
    (await book.claim('failed', 'local', 'POST', '/v1/x', new Uint8Array(3))).forget();
    expect(store.load().map(({ name }) => name)).toEqual(['local paid']);
    nowMs += 86_400_001;
    createIdempotencyBook({ clock, store });
    expect([...records.keys('gateway/kept/')]).toEqual([]);
  });
});

/** A clock whose timers run when it is set. */
function aTimedClock() {
  let nowMs = 0;
  let due: { readonly atMs: number; readonly action: () => void }[] = [];
  return {
    nowMs: () => nowMs,
    waiting: () => due.length,
    schedule(delayMs: number, action: () => void) {
      const entry = { atMs: nowMs + delayMs, action };
      due.push(entry);
      return () => {
        due = due.filter((one) => one !== entry);
      };
    },
    set(toMs: number) {
      nowMs = toMs;
      const ready = due.filter(({ atMs }) => atMs <= nowMs);
      due = due.filter(({ atMs }) => atMs > nowMs);
      for (const { action } of ready) action();
    },
  };
}

describe('an answer on disk', () => {
  it('is removed with its day, also when nobody asks and nothing restarts', async () => {
    const { records, store } = aDisk();
    const clock = aTimedClock();
    const book = createIdempotencyBook({ clock, store, timer: clock });
    const keep = async (key: string) => {
      const slot = await book.claim(key, 'local', 'POST', '/v1/x', new Uint8Array(3));
      slot.keep({ status: 200, headers: {}, body: 'an answer' });
    };
    await keep('morning');
    clock.set(3_600_000);
    await keep('noon');
    const kept = () => store.load().map(({ name }) => name);
    clock.set(86_400_000);
    expect(kept()).toEqual(['local morning', 'local noon']);
    clock.set(86_400_001);
    expect(kept()).toEqual(['local noon']);
    clock.set(90_000_001);
    expect([...records.keys('')]).toEqual([]);
    expect(clock.waiting()).toBe(0);
  });

  it('of an earlier run is removed with its day too, and nothing waits once the book is stopped', async () => {
    const { store } = aDisk();
    await store.save({ name: 'a', binding: 'b', atMs: 0, state: 'gone', answer: null });
    const clock = aTimedClock();
    const book = createIdempotencyBook({ clock, store, timer: clock });
    expect(clock.waiting()).toBe(1);
    book.stop();
    expect(clock.waiting()).toBe(0);
    createIdempotencyBook({ clock, store, timer: clock });
    clock.set(86_400_001);
    expect(store.load()).toEqual([]);
  });
});

describe('a damaged record of a key', () => {
  it('is dropped', async () => {
    const { records, store } = aDisk();
    await store.save({ name: 'a', binding: 'b', atMs: 1, state: 'gone', answer: null });
    const [place] = [...records.keys('')];
    const bytes = records.get(place!)!.slice();
    bytes[20]! ^= 1;
    await records.set(place!, bytes);
    expect(store.load()).toEqual([]);
    await records.set(place!, new Uint8Array(3));
    expect(store.load()).toEqual([]);
    expect([...records.keys('')]).toEqual([]);
  });
});

describe('the key of another node', () => {
  it('opens nothing', async () => {
    const { records, store } = aDisk();
    await store.save({ name: 'a', binding: 'b', atMs: 1, state: 'gone', answer: null });
    expect(aDisk(new Uint8Array(32), records).store.load()).toEqual([]);
  });
});
