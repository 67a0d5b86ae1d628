import { describe, expect, it } from 'vitest';
import { giniOf, nakamotoOf } from '../../src/economy/concentration.ts';
import { correlationOf } from '../../src/economy/year.ts';

describe('the Gini coefficient', () => {
  it('is zero when all have the same and near one when one has all', () => {
    expect(giniOf([5, 5, 5, 5])).toBeCloseTo(0);
    expect(giniOf([0, 0, 0, 8])).toBeCloseTo(0.75);
    expect(giniOf([...Array<number>(999).fill(0), 1])).toBeCloseTo(0.999);
    expect(giniOf([0, 0])).toBe(0);
  });
});

describe('the Nakamoto coefficient', () => {
  it('counts the fewest who hold more than a third', () => {
    expect(nakamotoOf([1, 1, 1])).toBe(2);
    expect(nakamotoOf([4, 3, 3])).toBe(1);
    expect(nakamotoOf(Array<number>(30).fill(1))).toBe(11);
  });
});

describe('the correlation', () => {
  it('is one for the same order, minus one for the opposite, zero for what does not vary', () => {
    expect(correlationOf([1, 2, 3], [2, 4, 6])).toBeCloseTo(1);
    expect(correlationOf([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1);
    expect(correlationOf([1, 1, 1], [3, 2, 1])).toBe(0);
  });
});
