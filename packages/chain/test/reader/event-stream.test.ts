import { describe, expect, it } from 'vitest';
import type { LoggedBlock } from '../../src/blocks/block-log.ts';
import { createCommitSignal, eventStream } from '../../src/reader/event-stream.ts';

describe('a stream of events', () => {
  it('lets others have their turn while it looks through blocks in which there is nothing for it', async () => {
    const latest = 100_000;
    let read = 0;
    const block = {
      header: { height: 1n, timeMs: 1n },
      hash: new Uint8Array(32),
      appHash: new Uint8Array(32),
    };
    const readBlock = () => {
      read += 1;
      return { ...block, txs: [], results: [], events: [] } as unknown as LoggedBlock;
    };
    const stop = new AbortController();
    const events = eventStream(readBlock, createCommitSignal(latest), 1, {
      names: ['nothing.isCalledThis'],
      signal: stop.signal,
    });
    const done = events.next();
    for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(latest);
    stop.abort();
    expect(await done).toEqual({ value: undefined, done: true });
  });
});
