import { describe, expect, it } from 'vitest';
import { nextLockCost } from '../../src/index.ts';

describe('nextLockCost', () => {
  const rules = { lastLock: 1_250_000_000_000n, reductionSlots: 100_800n, least: 1_000_000_000_000n };

  it('is twice the last lock at first, the last lock after the interval, then the least', () => {
    expect(nextLockCost({ ...rules, slotsSince: 0n })).toBe(2_500_000_000_000n);
    const after = nextLockCost({ ...rules, slotsSince: 100_800n });
    expect(after >= rules.lastLock && after < rules.lastLock + 100_800n).toBe(true);
    expect(nextLockCost({ ...rules, slotsSince: 1_000_000n })).toBe(rules.least);
  });
});
