import { describe, expect, it } from 'vitest';
import { MAX_FRAME_BYTES, ProtocolError, type Stream, type Transport } from '../../src/index.ts';

/** Two peers that can reach each other. */
export interface TransportPair extends AsyncDisposable {
  readonly here: Transport;
  readonly there: Transport;
}

const PROTOCOL = '/test/1';
const frame = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | null) => (bytes === null ? null : new TextDecoder().decode(bytes));

async function codeOf(action: Promise<unknown>): Promise<string> {
  try {
    await action;
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
  return 'nothing was thrown';
}

/** What every transport promises through the port; run by each of them. */
export function describeTransport(name: string, makePair: () => Promise<TransportPair>): void {
  describe(`transport compliance: ${name}`, () => {
    /** A stream with its other end held open. */
    async function aStream(pair: TransportPair) {
      const arrived = Promise.withResolvers<Stream>();
      const finish = Promise.withResolvers<void>();
      pair.there.listen(PROTOCOL, async (stream) => {
        arrived.resolve(stream);
        await finish.promise;
      });
      const near = await pair.here.dial(pair.there.peer, PROTOCOL);
      await near.write(frame('hello'));
      const far = await arrived.promise;
      expect(textOf(await far.read())).toBe('hello');
      return { near, far, finish: finish.resolve };
    }

    it('carries frames whole, in order, both ways, and names the other peer', async () => {
      await using pair = await makePair();
      const { near, far } = await aStream(pair);
      expect(far.remote).toBe(pair.here.peer);
      expect(near.remote).toBe(pair.there.peer);
      expect(near.protocol).toBe(PROTOCOL);
      for (const text of ['a', '', 'ccc']) await near.write(frame(text));
      for (const text of ['a', '', 'ccc']) expect(textOf(await far.read())).toBe(text);
      await far.write(frame('back'));
      expect(textOf(await near.read())).toBe('back');
    });

    it('ends one direction and goes on in the other', async () => {
      await using pair = await makePair();
      const { near, far } = await aStream(pair);
      await near.write(frame('last'));
      await near.closeWrite();
      expect(textOf(await far.read())).toBe('last');
      expect(await far.read()).toBeNull();
      expect(await codeOf(near.write(frame('more')))).toBe('STREAM_CLOSED');
      await far.write(frame('still here'));
      expect(textOf(await near.read())).toBe('still here');
    });

    it('closes its direction when the handler returns', async () => {
      await using pair = await makePair();
      const { near, finish } = await aStream(pair);
      finish();
      expect(await near.read()).toBeNull();
    });

    it('aborts both directions and tells the other side why', async () => {
      await using pair = await makePair();
      const { near, far } = await aStream(pair);
      const reading = codeOf(far.read());
      near.abort('changed my mind');
      expect(await reading).toBe('STREAM_ABORTED');
      await expect(far.write(frame('x'))).rejects.toThrow('changed my mind');
      expect(await codeOf(near.read())).toBe('STREAM_ABORTED');
      near.abort('again does nothing');
    });

    it('aborts the stream when the handler throws', async () => {
      await using pair = await makePair();
      pair.there.listen(PROTOCOL, async () => {
        throw new Error('the handler broke');
      });
      const near = await pair.here.dial(pair.there.peer, PROTOCOL);
      expect(await codeOf(near.read())).toBe('STREAM_ABORTED');
    });

    it('makes a writer wait for a slow reader', async () => {
      await using pair = await makePair();
      const { near, far } = await aStream(pair);
      const size = 64 * 1024;
      let written = 0;
      const writing = (async () => {
        for (let i = 0; i < 64; i++) {
          await near.write(new Uint8Array(size));
          written += 1;
        }
      })();
      for (let i = 0; i < 100; i++) await Promise.resolve();
      expect(written).toBeLessThan(64);
      for (let i = 0; i < 64; i++) expect((await far.read())?.length).toBe(size);
      await writing;
      expect(written).toBe(64);
    });

    it('refuses a frame above the limit, a peer nobody knows and a protocol nobody serves', async () => {
      await using pair = await makePair();
      const { near } = await aStream(pair);
      expect(await codeOf(near.write(new Uint8Array(MAX_FRAME_BYTES + 1)))).toBe('FRAME_TOO_LARGE');
      expect(await codeOf(pair.here.dial('nobody', PROTOCOL))).toBe('PEER_UNREACHABLE');
      expect(await codeOf(pair.here.dial(pair.there.peer, '/other/1'))).toBe('PROTOCOL_UNSUPPORTED');
    });

    it('serves a protocol once, and not after it stopped listening', async () => {
      await using pair = await makePair();
      const stop = pair.there.listen(PROTOCOL, async () => undefined);
      expect(() => pair.there.listen(PROTOCOL, async () => undefined)).toThrow(ProtocolError);
      stop();
      expect(await codeOf(pair.here.dial(pair.there.peer, PROTOCOL))).toBe('PROTOCOL_UNSUPPORTED');
    });

    it('cuts its streams when it is disposed', async () => {
      await using pair = await makePair();
      const { near } = await aStream(pair);
      const reading = codeOf(near.read());
      await pair.there[Symbol.asyncDispose]();
      expect(await reading).toBe('STREAM_ABORTED');
      expect(await codeOf(pair.here.dial(pair.there.peer, PROTOCOL))).toBe('PEER_UNREACHABLE');
    });
  });
}
