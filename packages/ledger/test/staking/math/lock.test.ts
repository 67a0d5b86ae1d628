import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CONVICTION_BITS,
  decayOver,
  ONE_Q96,
  rollLock,
  type StakeLock,
  type StakeLockRules,
} from '../../../src/index.ts';

const UNIT = 1n << CONVICTION_BITS;

function someRules(overrides: Partial<StakeLockRules> = {}): StakeLockRules {
  return { unlockSlots: 934_866n, maturitySlots: 934_866n, isPerpetual: false, isOwner: false, ...overrides };
}

const mass = fc.bigInt({ min: 1_000n, max: 21n * 10n ** 15n });
const slots = fc.bigInt({ min: 0n, max: 5_000_000n });
const constant = fc.bigInt({ min: 1n, max: 2_000_000n });
const rules = fc.record({
  unlockSlots: constant,
  maturitySlots: constant,
  isPerpetual: fc.boolean(),
  isOwner: fc.boolean(),
});
const near = (a: bigint, b: bigint, by: bigint): boolean => (a > b ? a - b : b - a) <= by;

describe('decayOver', () => {
  it('is whole at once, and gone after any slot without a time constant', () => {
    expect(decayOver(0n, 0n)).toBe(ONE_Q96);
    expect(decayOver(1n, 0n)).toBe(0n);
  });
});

describe('rollLock', () => {
  it('never lets conviction exceed the mass that was locked, nor mass rise', () => {
    fc.assert(
      fc.property(mass, slots, rules, (locked, passed, how) => {
        const rolled = rollLock({ mass: locked, conviction: 0n }, passed, how);
        expect(rolled.mass <= locked).toBe(true);
        expect(rolled.conviction >= 0n && rolled.conviction <= locked * UNIT).toBe(true);
        if (how.isPerpetual) expect(rolled.mass).toBe(locked);
        if (how.isOwner) expect(rolled.conviction).toBe(rolled.mass * UNIT);
      }),
    );
  });

  it('rolls in two steps as far as in one, to within two units', () => {
    fc.assert(
      fc.property(mass, slots, slots, rules, (locked, first, second, how) => {
        const start: StakeLock = { mass: locked, conviction: 0n };
        const once = rollLock(start, first + second, how);
        const middle = rollLock(start, first, how);
        if (middle.mass < 1_000n || once.mass < 1_000n) return;
        const twice = rollLock(middle, second, how);
        expect(near(once.mass, twice.mass, 1n)).toBe(true);
        expect(near(once.conviction, twice.conviction, 2n * UNIT)).toBe(true);
      }),
    );
  });

  it('is nearly the same for nearly equal constants as for equal ones', () => {
    const start: StakeLock = { mass: 21n * 10n ** 15n, conviction: 0n };
    const equal = rollLock(start, 500_000n, someRules());
    const apart = rollLock(start, 500_000n, someRules({ maturitySlots: 934_867n }));
    expect(near(equal.conviction, apart.conviction, equal.conviction / 1_000_000n)).toBe(true);
  });

  it('does not depend on which constant is the longer one in the part that is a difference', () => {
    const start: StakeLock = { mass: 10_000_000n, conviction: 0n };
    const [a, b] = [200_000n, 240_000n];
    const fast = rollLock(start, 10_000n, someRules({ unlockSlots: a, maturitySlots: b }));
    const slow = rollLock(start, 10_000n, someRules({ unlockSlots: b, maturitySlots: a }));
    expect(near(fast.conviction * b, slow.conviction * a, b)).toBe(true);
  });

  it('lets a perpetual lock grow to its mass, and an idle one fall to nothing', () => {
    const start: StakeLock = { mass: 1_000_000n, conviction: 0n };
    const year = 100n * 934_866n;
    const grown = rollLock(start, year, someRules({ isPerpetual: true }));
    expect(near(grown.conviction, start.mass * UNIT, UNIT)).toBe(true);
    expect(rollLock(start, year, someRules())).toEqual({ mass: 0n, conviction: 0n });
  });

  it('ends a lock of dust, and only when nothing counts any more', () => {
    expect(rollLock({ mass: 99n, conviction: 99n * UNIT }, 0n, someRules())).toEqual({
      mass: 0n,
      conviction: 0n,
    });
    const kept: StakeLock = { mass: 99n, conviction: 100n * UNIT };
    expect(rollLock(kept, 0n, someRules())).toEqual(kept);
  });

  it('loses conviction at once without a time to mature, and mass without a time to unlock', () => {
    const start: StakeLock = { mass: 5_000n, conviction: 700n * UNIT };
    expect(rollLock(start, 1n, someRules({ maturitySlots: 0n })).conviction).toBe(0n);
    expect(rollLock(start, 1n, someRules({ unlockSlots: 0n })).mass).toBe(0n);
  });
});
