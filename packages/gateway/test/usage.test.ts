import type { RecordStore } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { createMeter } from '../src/meter.ts';
import { createUsageBook } from '../src/usage.ts';

const clock = { nowMs: () => Date.UTC(2026, 0, 31) };
const of = { caller: 'local', model: 'cairn/one', endpoint: 'chat/completions' };

function countedRecords() {
  const kept = new Map<string, Uint8Array>();
  const count = { writes: 0 };
  const records: RecordStore = {
    get: (key) => kept.get(key),
    async set(key, record) {
      count.writes += 1;
      kept.set(key, record);
    },
    async delete(key) {
      kept.delete(key);
    },
    keys: (prefix) => [...kept.keys()].filter((key) => key.startsWith(prefix)),
    [Symbol.asyncDispose]: async () => undefined,
  };
  return { records, count };
}

describe('the book of usage', () => {
  it('writes what was used within a moment once', async () => {
    const { records, count } = countedRecords();
    const due: (() => void)[] = [];
    const timer = {
      schedule(_delayMs: number, action: () => void) {
        due.push(action);
        return () => undefined;
      },
    };
    const book = createUsageBook({ clock, records, timer });
    for (let answer = 0; answer < 5; answer++) book.add(of, 3n, { completionTokens: 2 });
    expect(count.writes).toBe(0);
    expect(due).toHaveLength(1);
    due[0]!();
    await book.flush();
    expect(count.writes).toBe(1);
    book.add(of, 1n, {});
    expect(due).toHaveLength(2);
  });

  it('is whole after a restart once it was flushed, also when nothing was new', async () => {
    const { records } = countedRecords();
    const timer = { schedule: () => () => undefined };
    const before = createUsageBook({ clock, records, timer });
    await before.flush();
    before.add(of, 3n, { completionTokens: 2 });
    await before.flush();
    before.correct(of, 4n, clock.nowMs());
    await before.flush();
    const after = createUsageBook({ clock, records, timer });
    expect(after.spentToday('local')).toBe(7n);
    expect(after.rows({})).toMatchObject([{ ...of, requests: 1, completionTokens: 2, cost: 7n }]);
  });

  it('knows what was spent in all also when the rows of it are older than it keeps', async () => {
    const { records } = countedRecords();
    let nowMs = clock.nowMs();
    const aBook = () => createUsageBook({ clock: { nowMs: () => nowMs }, records });
    const before = aBook();
    before.add(of, 3n, {});
    before.add({ ...of, model: 'cairn/two' }, 4n, {});
    await before.flush();
    nowMs += 401 * 86_400_000;
    for (const restart of [1, 2]) {
      const book = aBook();
      expect(book.spentInAll('local'), `restart ${restart}`).toBe(7n);
      expect(book.spentToday('local')).toBe(0n);
      expect(book.rows({})).toEqual([]);
      await book.flush();
    }
    const last = aBook();
    last.add(of, 1n, {});
    expect(last.spentInAll('local')).toBe(8n);
  });

  it('corrects the day on which an answer was charged when its receipt comes the day after', async () => {
    const { records } = countedRecords();
    let nowMs = Date.UTC(2026, 0, 31, 23, 59);
    const aBook = () => createUsageBook({ clock: { nowMs: () => nowMs }, records });
    const book = aBook();
    const meter = createMeter({ nowMs: () => nowMs }, { dailyLimit: 100n }, book);
    const reservation = meter.reserve(of.caller, of);
    reservation.settle(10n, { completionTokens: 1 });
    nowMs += 3_600_000;
    reservation.correct(-4n);
    expect(book.spentToday('local')).toBe(0n);
    expect(book.spentInAll('local')).toBe(6n);
    const rows = [{ ...of, day: '2026-01-31', requests: 1, cost: 6n }];
    expect(book.rows({})).toMatchObject(rows);
    expect(meter.limitHeaders('local')['x-ratelimit-remaining-cairn']).toBe('0.0000001');
    await book.flush();
    expect(aBook().rows({})).toMatchObject(rows);
    expect(book.rows({})).toHaveLength(1);
  });

  it('says what was lost, and writes it with what comes next', async () => {
    const { records } = countedRecords();
    const lost: string[] = [];
    let isBroken = true;
    const broken: RecordStore = {
      ...records,
      set: (key, record) => (isBroken ? Promise.reject(new Error('no disk')) : records.set(key, record)),
    };
    const book = createUsageBook({ clock, records: broken, onLost: (reason) => lost.push(reason) });
    book.add(of, 3n, {});
    await book.flush();
    expect(lost).toEqual(['no disk']);
    isBroken = false;
    book.add(of, 4n, {});
    await book.flush();
    expect(createUsageBook({ clock, records }).spentToday('local')).toBe(7n);
  });
});
