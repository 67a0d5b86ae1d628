import { describe, expect, it } from 'vitest';
import { describeTransport } from '../../../protocol/test/ports/transport-compliance.ts';
import { createMemoryNetwork, type Frame } from '../../src/index.ts';

describeTransport('in memory', async () => {
  const network = createMemoryNetwork();
  const [here, there] = [network.join('here'), network.join('there')];
  return {
    here,
    there,
    async [Symbol.asyncDispose]() {
      await here[Symbol.asyncDispose]();
      await there[Symbol.asyncDispose]();
    },
  };
});

describe('faults of the in-memory network', () => {
  const frame = (byte: number) => Uint8Array.of(byte);

  function aPair(onFrame: NonNullable<Parameters<typeof createMemoryNetwork>[0]>['onFrame']) {
    const network = createMemoryNetwork(onFrame === undefined ? {} : { onFrame });
    const [here, there] = [network.join('here'), network.join('there')];
    const got: number[] = [];
    const over = Promise.withResolvers<string>();
    there.listen('/test/1', async (stream) => {
      try {
        for (let bytes = await stream.read(); bytes !== null; bytes = await stream.read()) got.push(...bytes);
        over.resolve('closed');
      } catch (error) {
        over.resolve((error as Error).message);
      }
    });
    return { network, here, got, over: over.promise };
  }

  it('cuts the stream at a chosen frame', async () => {
    const { here, got, over } = aPair(({ index }: Frame) => (index === 2 ? 'cut' : 'pass'));
    const stream = await here.dial('there', '/test/1');
    await stream.write(frame(1));
    await stream.write(frame(2));
    await Promise.resolve();
    await expect(stream.write(frame(3))).rejects.toThrow('connection was lost');
    expect(await over).toContain('connection was lost');
    expect(got.every((byte) => byte < 3)).toBe(true);
  });

  it('delays a frame and keeps the order', async () => {
    const gate = Promise.withResolvers<void>();
    const { here, got, over } = aPair(({ index }: Frame) => (index === 0 ? { delay: gate.promise } : 'pass'));
    const stream = await here.dial('there', '/test/1');
    await stream.write(frame(1));
    await stream.write(frame(2));
    await stream.closeWrite();
    expect(got).toEqual([]);
    gate.resolve();
    expect(await over).toBe('closed');
    expect(got).toEqual([1, 2]);
  });

  it('replaces a frame', async () => {
    const { here, got, over } = aPair(() => ({ frame: frame(9) }));
    const stream = await here.dial('there', '/test/1');
    await stream.write(frame(1));
    await stream.closeWrite();
    await over;
    expect(got).toEqual([9]);
  });

  it('parts two peers and heals', async () => {
    const { network, here, over } = aPair(undefined);
    const stream = await here.dial('there', '/test/1');
    await stream.write(frame(1));
    network.part('there', 'here');
    expect(await over).toContain('parted');
    await expect(here.dial('there', '/test/1')).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
    network.heal('here', 'there');
    await expect(here.dial('there', '/test/1')).resolves.toMatchObject({ remote: 'there' });
  });
});
