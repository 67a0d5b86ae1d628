import { expect, it } from 'vitest';
import { standingTask } from '../../src/roles/background-task.ts';
import { aLog } from '../rpc/parts.ts';

/** A timer that fires when it is told to. */
function aTimer() {
  const waiting = new Set<() => void>();
  return {
    waiting,
    timer: {
      schedule(_: number, action: () => void) {
        waiting.add(action);
        return () => void waiting.delete(action);
      },
    },
    fire() {
      for (const action of waiting) action();
      waiting.clear();
    },
  };
}

it('a standing task begins again after a failure, and ends in its pause when it is disposed', async () => {
  const { timer, waiting, fire } = aTimer();
  let runs = 0;
  const task = standingTask({ log: aLog(), timer }, 'leases', async () => {
    runs += 1;
    throw new Error('the node is away');
  });
  await expect.poll(() => waiting.size).toBe(1);
  expect(runs).toBe(1);
  fire();
  await expect.poll(() => runs).toBe(2);
  await expect.poll(() => waiting.size).toBe(1);
  await task[Symbol.asyncDispose]();
  expect(waiting.size).toBe(0);
  expect(runs).toBe(2);
});
