import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createGatheredWriter } from '../src/http/gathered-writer.ts';

/** What a client reads of an answer, and the texts that were written of it one by one. */
async function answerWith(serve: (response: ServerResponse) => Promise<void> | void) {
  const written: string[] = [];
  const server = createServer((_, response) => {
    const write = response.write.bind(response);
    response.write = ((text: string) => {
      written.push(text);
      return write(text);
    }) as typeof response.write;
    void serve(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const [answer] = (await once(get({ host: '127.0.0.1', port }), 'response')) as [IncomingMessage];
    let text = '';
    for await (const piece of answer.setEncoding('utf8')) text += piece;
    return { text, written };
  } finally {
    server.close();
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a gathered writer', () => {
  it('sends the pieces of one turn as one chunk', async () => {
    const { text, written } = await answerWith(async (response) => {
      const out = createGatheredWriter(response);
      out.write('a');
      out.write('b');
      await turn();
      out.write('c');
      await turn();
      out.write('d');
      out.end();
    });
    expect(text).toBe('abcd');
    expect(written).toEqual(['ab', 'c']);
  });

  it('sends what waits at once when it is told to, or when it is much', async () => {
    const { text, written } = await answerWith((response) => {
      const out = createGatheredWriter(response);
      out.write('a');
      out.flush();
      out.write('b'.repeat(20_000));
      out.end();
    });
    expect(text).toBe(`a${'b'.repeat(20_000)}`);
    expect(written.map(({ length }) => length)).toEqual([1, 20_000]);
  });

  it('is waited for while its client does not keep up', async () => {
    const most = 64 * 1024 * 1024;
    const piece = 'x'.repeat(1024 * 1024);
    let waits = 0;
    const { text } = await answerWith(async (response) => {
      const out = createGatheredWriter(response);
      for (let sent = 0; sent < most && waits === 0; sent += piece.length) {
        const full = out.write(piece);
        if (full === null) continue;
        waits += 1;
        await full;
        expect(response.writableNeedDrain).toBe(false);
      }
      out.end();
    });
    expect(waits).toBe(1);
    expect(text.length % piece.length).toBe(0);
  });
});
