import type { TrainedPlace } from '@cairn/training';
import { expect, it } from 'vitest';
import { movedBuffers } from '../../../src/training/run/moved-buffers.ts';

it('what is as large as the weights leaves the thread without being copied', () => {
  const [residual, first, second] = [1, 2, 3].map((byte) => Uint8Array.of(byte)) as [
    ...[Uint8Array, Uint8Array, Uint8Array],
  ];
  const trained = {
    ...{ update: Uint8Array.of(4), traceRoot: new Uint8Array(32), steps: 1, losses: [1] },
    residual: { list: Uint8Array.of(5), pages: [residual] },
    moments: { list: Uint8Array.of(6), pages: [first, second], taken: 1 },
  } satisfies TrainedPlace;
  expect(movedBuffers(trained)).toEqual([residual.buffer, first.buffer, second.buffer]);
  expect(movedBuffers({ ...trained, residual: null, moments: null })).toEqual([]);
  const paused = Uint8Array.of(7);
  expect(movedBuffers({ paused })).toEqual([paused.buffer]);
});
