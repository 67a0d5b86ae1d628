import type { RecordStore } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { createWriteQueue } from '../../src/channels/write-queue.ts';

/** A store whose writes end when a test says so. */
function aSlowStore() {
  const under: { value: number; end: () => void; fail: () => void }[] = [];
  const store: RecordStore = {
    get: () => undefined,
    set: (_key, record) =>
      new Promise((resolve, reject) => {
        under.push({
          value: record[0] ?? 0,
          end: resolve,
          fail: () => reject(new Error('the disk is full')),
        });
      }),
    delete: async () => undefined,
    keys: () => [],
    [Symbol.asyncDispose]: async () => undefined,
  };
  return { under, store };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('writes of the newest', () => {
  it('become one while a write is on its way, of what the record is then', async () => {
    const { under, store } = aSlowStore();
    const queue = createWriteQueue(store);
    let now = 1;
    const add = () => queue.addNewest('a', () => Uint8Array.of(now));
    add();
    for (now = 2; now <= 9; now++) add();
    expect(under.map(({ value }) => value)).toEqual([1]);
    under[0]!.end();
    await turn();
    expect(under.map(({ value }) => value)).toEqual([1, 10]);
  });

  it('are flushed only when the last of them is on disk, also after an earlier flush', async () => {
    const { under, store } = aSlowStore();
    const queue = createWriteQueue(store);
    const done: string[] = [];
    queue.addNewest('a', () => Uint8Array.of(1));
    queue.addNewest('a', () => Uint8Array.of(2));
    void queue.flush().then(() => done.push('first'));
    queue.addNewest('a', () => Uint8Array.of(2));
    void queue.flush().then(() => done.push('second'));
    under[0]!.end();
    await turn();
    expect(done, 'the newest is not on disk yet').toEqual([]);
    under[1]!.end();
    await turn();
    expect(done).toEqual(['first', 'second']);
    queue.addNewest('a', () => Uint8Array.of(3));
    expect(under, 'a quiet record is written at once').toHaveLength(3);
  });

  it('that fail are told to who flushes, and the next one is tried', async () => {
    const { under, store } = aSlowStore();
    const queue = createWriteQueue(store);
    queue.addNewest('a', () => Uint8Array.of(1));
    const failing = queue.flush();
    queue.addNewest('a', () => Uint8Array.of(2));
    const working = queue.flush();
    under[0]!.fail();
    await expect(failing).rejects.toThrow('the disk is full');
    await turn();
    under[1]!.end();
    await expect(working).resolves.toBeUndefined();
  });

  it('of other records do not wait', () => {
    const { under, store } = aSlowStore();
    const queue = createWriteQueue(store);
    queue.addNewest('a', () => Uint8Array.of(1));
    queue.addNewest('b', () => Uint8Array.of(2));
    queue.add('c', Uint8Array.of(3));
    expect(under).toHaveLength(3);
  });
});
