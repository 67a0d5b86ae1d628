import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connectToSocket, listenOnSocket } from '../../src/index.ts';

/** Both ends of a socket. */
async function aSocket() {
  const stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'cairn-socket-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const served = stack.use(await listenOnSocket(join(folder, 's')));
  const dialling = stack.use(await connectToSocket(join(folder, 's')));
  return { served, dialling, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

describe('streams over a socket', () => {
  it('carry frames of any size whole, in order and apart from other streams', async () => {
    await using socket = await aSocket();
    socket.served.listen('/echo', async (stream) => {
      for (let frame = await stream.read(); frame !== null; frame = await stream.read())
        await stream.write(frame);
    });
    const sizes = [0, 1, 70_000, 3, 1_000_000];
    await Promise.all(
      [1, 2, 3].map(async (byte) => {
        const stream = await socket.dialling.dial('anybody', '/echo');
        const back: number[] = [];
        for (const size of sizes) await stream.write(new Uint8Array(size).fill(byte));
        await stream.closeWrite();
        for (let frame = await stream.read(); frame !== null; frame = await stream.read()) {
          back.push(frame.length);
          expect(frame.every((value) => value === byte)).toBe(true);
        }
        expect(back).toEqual(sizes);
      }),
    );
  });

  it('fail with the reason of the other side, and when nobody serves them', async () => {
    await using socket = await aSocket();
    socket.served.listen('/fails', async () => {
      throw new Error('no more');
    });
    const failing = await socket.dialling.dial('anybody', '/fails');
    await expect(failing.read()).rejects.toThrow(/no more/);
    const unserved = await socket.dialling.dial('anybody', '/other');
    await expect(unserved.read()).rejects.toThrow(/not served here/);
  });
});
