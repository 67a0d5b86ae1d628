import { describe, expect, it } from 'vitest';
import { adaptiveDeadlineMs, quorumOf } from '../../src/index.ts';

const BOUNDS = { minMs: 1_000, maxMs: 60_000 };

describe('the deadline of a round', () => {
  it('is as long as allowed while nothing is known', () => {
    expect(adaptiveDeadlineMs([], BOUNDS)).toBe(60_000);
  });

  it('is the median and four deviations of what arrived', () => {
    expect(adaptiveDeadlineMs([[9_000, 10_000, 11_000]], BOUNDS)).toBe(14_000);
  });

  it('is not moved by one that is late for ever', () => {
    const arrivals = Array.from({ length: 8 }, () => [9_000, 10_000, 11_000, 1e9]);
    expect(adaptiveDeadlineMs(arrivals, BOUNDS)).toBeLessThan(20_000);
  });

  it('follows the last eight rounds and stays within its bounds', () => {
    const slow = Array.from({ length: 8 }, () => [1e9]);
    const fast = Array.from({ length: 8 }, () => [1]);
    expect(adaptiveDeadlineMs(slow, BOUNDS)).toBe(60_000);
    expect(adaptiveDeadlineMs([...slow, ...fast], BOUNDS)).toBe(1_000);
  });
});

describe('a quorum of witnesses', () => {
  it('is all of one or two, two of three, two thirds of more', () => {
    expect([1, 2, 3, 4, 6, 9, 10, 256].map(quorumOf)).toEqual([1, 2, 2, 2, 4, 6, 6, 170]);
  });
});
