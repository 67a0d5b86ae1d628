import { describe, expect, it } from 'vitest';
import { createIdempotencyBook } from '../src/api/idempotency.ts';
import { createKeptStore } from '../src/api/kept-store.ts';
import { aRecordStore } from './support/parts.ts';

const keptKey = new Uint8Array(32).fill(5);

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

describe('the keys of one caller', () => {
  const body = new Uint8Array(3);
  const aBook = () => {
    let nowMs = 0;
    const book = createIdempotencyBook({ clock: { nowMs: () => nowMs } }, 1_000);
    const use = async (caller: string, key: string | number, size = 1) => {
      const slot = await book.claim(`${key}`, caller, 'POST', '/v1/x', body);
      slot.keep({ status: 200, headers: {}, body: 'a'.repeat(size) });
    };
    const pass = (ms: number) => {
      nowMs += ms;
    };
    return { book, use, pass };
  };

  it('are a tenth of all, and the answer says whose limit it is and when it ends', async () => {
    const { use, pass } = aBook();
    await use('other', 0);
    pass(1_000);
    for (let key = 0; key < 100; key += 1) await use('greedy', key);
    await expect(use('greedy', 100)).rejects.toMatchObject({
      problem: { code: 'too_many_requests', limit: 100, resetMs: 86_400_000, position: null },
      message: expect.stringContaining('You used 100 Idempotency-Keys'),
    });
    await use('other', 1);
    pass(86_400_001);
    await use('greedy', 100);
  });

  it('have no room taken by callers without one, of whom one has no room taken by another', async () => {
    const { use } = aBook();
    for (let key = 0; key < 10; key += 1) await use('x402:one', key);
    await expect(use('x402:one', 10)).rejects.toMatchObject({ problem: { limit: 10 } });
    for (let payer = 0; payer < 90; payer += 1) await use(`x402:${payer}`, 0);
    await expect(use('x402:two', 0)).rejects.toMatchObject({
      problem: { limit: 100 },
      message: expect.stringContaining('All callers without a key together'),
    });
    for (let caller = 0; caller < 9; caller += 1)
      for (let key = 0; key < 100; key += 1) await use(`key${caller}`, key);
    await expect(use('key9', 0)).rejects.toMatchObject({
      problem: { limit: 900 },
      message: expect.stringContaining('All callers with a key together'),
    });
  });

  it('are given back when their request failed', async () => {
    const { book, use } = aBook();
    for (let key = 0; key < 200; key += 1)
      (await book.claim(`${key}`, 'local', 'POST', '/v1/x', body)).forget();
    await use('local', 'fine');
  });

  it('keep their answers however much callers without one are answered', async () => {
    const { book, use } = aBook();
    await use('local', 'mine');
    for (let payer = 0; payer < 80; payer += 1) await use(`x402:${payer}`, 0, 1024 * 1024);
    expect((await book.claim('mine', 'local', 'POST', '/v1/x', body)).replay).not.toBeNull();
    await expect(book.claim('0', 'x402:0', 'POST', '/v1/x', body)).rejects.toMatchObject({
      code: 'idempotency_answer_gone',
    });
  });

  it('count after a restart too', async () => {
    const { store } = aDisk();
    const clock = { nowMs: () => 1 };
    const book = createIdempotencyBook({ clock, store }, 20);
    for (const key of ['1', '2']) await book.claim(key, 'local', 'POST', '/v1/x', body);
    const restarted = createIdempotencyBook({ clock, store }, 20);
    await expect(restarted.claim('3', 'local', 'POST', '/v1/x', body)).rejects.toMatchObject({
      code: 'too_many_requests',
    });
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
