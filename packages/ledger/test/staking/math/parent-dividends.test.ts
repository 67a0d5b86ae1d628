import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shareWithParents } from '../../../src/index.ts';

const amount = fc.bigInt({ min: 0n, max: 10n ** 16n });
const parent = fc.record({ contribution: amount, isSameOwner: fc.boolean() });

describe('shareWithParents', () => {
  it('pays out the whole dividend and takes nothing from the child by rounding', () => {
    const takes = fc.bigInt({ min: 0n, max: 1_800n });
    fc.assert(
      fc.property(
        amount,
        amount,
        fc.array(parent, { maxLength: 6 }),
        takes,
        (dividend, own, parents, bps) => {
          const take = { numerator: bps, denominator: 10_000n };
          const shared = shareWithParents(dividend, own, parents, take);
          expect(shared.parents.reduce((sum, part) => sum + part, shared.child)).toBe(dividend);
          const total = parents.reduce((sum, { contribution }) => sum + contribution, own);
          if (total > 0n) expect(shared.child >= (dividend * own) / total).toBe(true);
        },
      ),
    );
  });

  it('keeps the take of strangers and none of its own coldkey', () => {
    const parents = [
      { contribution: 40n, isSameOwner: false },
      { contribution: 40n, isSameOwner: true },
    ];
    expect(shareWithParents(1_000n, 20n, parents, { numerator: 1n, denominator: 10n })).toEqual({
      child: 240n,
      parents: [360n, 400n],
    });
  });

  it('leaves everything to a child whose dividend no stake earned', () => {
    const parents = [{ contribution: 0n, isSameOwner: false }];
    const shared = shareWithParents(9n, 0n, parents, { numerator: 0n, denominator: 1n });
    expect(shared).toEqual({ child: 9n, parents: [0n] });
  });
});
