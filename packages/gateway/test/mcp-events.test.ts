import { describe, expect, it } from 'vitest';
import { createMcpEvents, type SessionEvents } from '../src/agents/mcp-events.ts';

const message = (text: string) => ({ jsonrpc: '2.0' as const, method: 'notifications/x', params: { text } });

async function replayed(events: SessionEvents, last: string): Promise<string[]> {
  const texts: string[] = [];
  await events.replayEventsAfter(last, {
    send: async (_, sent) => {
      texts.push((sent as ReturnType<typeof message>).params.text);
    },
  });
  return texts;
}

describe('messages that sessions keep', () => {
  it('are told again from the last that arrived, of its own stream only', async () => {
    const events = createMcpEvents().ofSession();
    const first = await events.storeEvent('a', message('1'));
    await events.storeEvent('b', message('2'));
    await events.storeEvent('a', message('3'));
    expect(await events.getStreamIdForEventId?.(first)).toBe('a');
    expect(await replayed(events, first)).toEqual(['3']);
    expect(await events.getStreamIdForEventId?.('77')).toBeUndefined();
  });

  it('stay within what one session and all of them may keep, the oldest going first', async () => {
    const book = createMcpEvents(2_000, 5_000);
    const silent = book.ofSession();
    const mark = await silent.storeEvent('a', message('mark'));
    for (let session = 0; session < 20; session += 1) {
      const events = book.ofSession();
      for (let at = 0; at < 20; at += 1) await events.storeEvent('a', message('x'.repeat(at * 40)));
      expect(book.characters, `session ${session}`).toBeLessThanOrEqual(5_000);
    }
    expect(await silent.getStreamIdForEventId?.(mark)).toBeUndefined();
  });

  it('are not kept when one is longer than a session may keep, and forgotten when it ends', async () => {
    const book = createMcpEvents(2_000, 5_000);
    const events = book.ofSession();
    const long = await events.storeEvent('a', message('x'.repeat(3_000)));
    expect(await events.getStreamIdForEventId?.(long)).toBeUndefined();
    await events.storeEvent('a', message('short'));
    expect(book.characters).toBeGreaterThan(0);
    events.drop();
    expect(book.characters).toBe(0);
  });
});
