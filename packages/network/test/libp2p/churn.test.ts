import fc from 'fast-check';
import { expect, it } from 'vitest';
import { aNetwork, quickTimer, until } from '../support/networks.ts';

const steps = fc.array(
  fc.record({
    size: fc.integer({ min: 0, max: 100_000 }),
    count: fc.integer({ min: 1, max: 30 }),
    end: fc.constantFrom('read to the end', 'abort here', 'abort there', 'throw there', 'walk away'),
  }),
  { minLength: 1, maxLength: 20 },
);

it('holds nothing when streams of every kind have come and gone', async () => {
  const patient = { streamsPerPeer: 1000, dialTimeoutMs: 400_000 };
  await using there = await aNetwork({ limits: patient }, { timer: quickTimer });
  await using here = await aNetwork({ bootstrap: there.addresses(), limits: patient }, { timer: quickTimer });
  await here.join();
  let round = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (streams) => {
      round += 1;
      await Promise.all(
        streams.map(async ({ size, count, end }, index) => {
          const protocol = `/churn/${round}/${index}`;
          const stop = there.listen(protocol, async (stream) => {
            for (let frame = await stream.read(); frame !== null; frame = await stream.read()) {
              await stream.write(frame);
              if (end === 'abort there') return stream.abort('enough');
              if (end === 'throw there') throw new Error('broken');
              if (end === 'walk away') return;
            }
          });
          const stream = await here.dial(there.peer, protocol);
          const write = async () => {
            for (let i = 0; i < count; i++) await stream.write(new Uint8Array(size));
            await stream.closeWrite();
          };
          const read = async () => {
            let frames = 0;
            for (let frame = await stream.read(); frame !== null; frame = await stream.read()) {
              frames += 1;
              if (end === 'abort here') stream.abort('enough');
            }
            return frames;
          };
          const [, frames] = await Promise.allSettled([write(), read()]);
          if (end === 'read to the end') expect(frames).toEqual({ status: 'fulfilled', value: count });
          stream.abort('over');
          stop();
        }),
      );
      await until(() => there.usage().streams === 0);
      await until(() => there.usage().heldBytes === 0 && here.usage().heldBytes === 0);
    }),
    { numRuns: 15, endOnFailure: true },
  );
  expect(there.usage()).toEqual({ connections: 1, streams: 0, heldBytes: 0 });
});
