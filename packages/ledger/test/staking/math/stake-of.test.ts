import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHILD_PROPORTION_ONE, stakeOf, stakeSpokenFor } from '../../../src/staking/math/stake-of.ts';

const amount = fc.bigInt({ min: 0n, max: 10n ** 16n });
const proportion = fc.bigInt({ min: 0n, max: CHILD_PROPORTION_ONE / 5n });

describe('stakeSpokenFor', () => {
  it('moves stake from parent to child and makes or loses none', () => {
    fc.assert(
      fc.property(amount, amount, fc.array(proportion, { maxLength: 5 }), (alpha, root, lent) => {
        const own = { alpha, root };
        const parent = stakeSpokenFor({ own, lent, borrowed: [] });
        const children = lent.map((one) =>
          stakeSpokenFor({ own: { alpha: 0n, root: 0n }, lent: [], borrowed: [{ ...own, proportion: one }] }),
        );
        const all = [parent, ...children];
        expect(all.reduce((sum, stake) => sum + stake.alpha, 0n)).toBe(alpha);
        expect(all.reduce((sum, stake) => sum + stake.root, 0n)).toBe(root);
        expect(parent.alpha >= 0n && parent.root >= 0n).toBe(true);
      }),
    );
  });

  it('lends everything at the full proportion', () => {
    const facts = { own: { alpha: 7n, root: 3n }, lent: [CHILD_PROPORTION_ONE], borrowed: [] };
    expect(stakeSpokenFor(facts)).toEqual({ alpha: 0n, root: 0n });
  });
});

describe('stakeOf', () => {
  it('adds root stake by its weight, rounded down', () => {
    const facts = { own: { alpha: 100n, root: 55n }, lent: [], borrowed: [] };
    expect(stakeOf(facts, { numerator: 1n, denominator: 10n })).toBe(105n);
  });
});
