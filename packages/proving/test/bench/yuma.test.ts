import { benchYumaSize } from '@cairn/proving';
import { expect, it } from 'vitest';

it('times epochs of a size and names it', () => {
  const timing = benchYumaSize({ uids: 64, validators: 8, liquidAlpha: true, runs: 3 });
  expect(timing).toMatchObject({ name: 'yuma3 64 uids x 8 validators, liquid alpha', runs: 3 });
  expect(timing.minMs).toBeGreaterThan(0);
  expect(timing.minMs).toBeLessThanOrEqual(timing.medianMs);
  expect(timing.medianMs).toBeLessThanOrEqual(timing.maxMs);
});
