import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { moveTowards, takeRatio } from '../../src/fraction/ratio.ts';

describe('takeRatio', () => {
  it('rounds down, so that what is taken and what is left make the amount', () => {
    expect(takeRatio(10n, { numerator: 1n, denominator: 3n })).toBe(3n);
    expect(takeRatio(10n, { numerator: 3n, denominator: 3n })).toBe(10n);
  });
});

describe('moveTowards', () => {
  it('never passes the goal and never leaves it, on either side', () => {
    const value = fc.bigInt({ min: -(1n << 80n), max: 1n << 80n });
    const part = fc.bigInt({ min: 0n, max: 1_000_000n });
    fc.assert(
      fc.property(value, value, part, (from, to, numerator) => {
        const reached = moveTowards(from, to, { numerator, denominator: 1_000_000n });
        const [low, high] = from < to ? [from, to] : [to, from];
        expect(reached >= low && reached <= high).toBe(true);
      }),
    );
    expect(moveTowards(5n, 5n, { numerator: 1n, denominator: 3n })).toBe(5n);
    expect(moveTowards(0n, -10n, { numerator: 1n, denominator: 3n })).toBe(-3n);
  });
});
