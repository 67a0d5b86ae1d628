import { emissionOverSlots, PARAMETERS, poolPrice } from '@cairn/ledger';
import { describe, expect, it } from 'vitest';
import { createEngine, type StepOrder } from '../../src/economy/engine.ts';

const CAIRN = 1_000_000_000n;
const OPTIONS = { subnets: 3, slotsPerStep: 1_800, issued: 1_000_000n * CAIRN, poolReserve: 1_000n * CAIRN };

describe('the engine of the economy', () => {
  it('mints in a step what the ledger mints in its slots', () => {
    const engine = createEngine({ ...OPTIONS, rule: 3n });
    const before = engine.issued;
    const earned = engine.accrue(500_000n * CAIRN);
    expect(engine.issued - before).toBe(emissionOverSlots(before, 1_800));
    expect(earned.reduce((sum, { emission }) => sum + emission, 0n)).toBe(engine.issued - before);
    for (const { owner, miners, stakers, root } of earned) {
      expect(owner + miners + stakers + root).toBe(1_800n * CAIRN);
      expect(owner).toBe((1_800n * CAIRN * PARAMETERS.ownerCutBps.initial) / 10_000n);
    }
  });

  it('gives a subnet by usage at most what its claims burned', () => {
    const engine = createEngine({ ...OPTIONS, rule: 6n });
    engine.accrue(0n);
    engine.burn(2, 700n);
    const earned = engine.accrue(0n);
    expect(earned.map(({ usage }) => usage)).toEqual([0n, 700n, 0n]);
    expect(earned.map(({ emission }) => emission)).toEqual([0n, 700n, 0n]);
    expect(engine.burned).toBe(700n);
  });

  it('clears the orders of a pool at one price and leaves the other pools alone', () => {
    const engine = createEngine({ ...OPTIONS, rule: 3n });
    const got: bigint[] = [];
    const buy = (amountIn: bigint): StepOrder => ({
      netuid: 1,
      side: 'buy',
      amountIn,
      settle: (fill) => got.push(fill.amountOut),
    });
    const other = poolPrice(engine.market(2));
    engine.trade([buy(10n * CAIRN), buy(10n * CAIRN)]);
    expect(got[0]).toBe(got[1]);
    expect(poolPrice(engine.market(1))).toBeGreaterThan(other);
    expect(poolPrice(engine.market(2))).toBe(other);
    expect(engine.market(1).outstanding).toBe(got[0]! + got[1]!);
  });

  it('forks into two that go their own ways from the same place', () => {
    const engine = createEngine({ ...OPTIONS, rule: 3n });
    engine.accrue(0n);
    const other = engine.fork();
    engine.burn(1, 5n);
    expect(other.burned).toBe(0n);
    expect(other.accrue(0n)).toEqual(engine.accrue(0n));
  });
});
