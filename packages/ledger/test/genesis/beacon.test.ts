import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roundFrom, roundTimeMs } from '../../src/index.ts';
import { BEACON } from '../support/timelock.ts';

/** drand quicknet, whose first round was at 15:09:27 UTC on 23 August 2023. */
const QUICKNET = { ...BEACON, genesisMs: 1_692_803_367_000n, periodMs: 3_000n };

describe('the rounds of a beacon', () => {
  it('have the times that drand publishes', () => {
    expect(roundTimeMs(QUICKNET, 1n)).toBe(1_692_803_367_000n);
    expect(roundTimeMs(QUICKNET, 1_000n)).toBe(1_692_806_364_000n);
    expect(roundFrom(QUICKNET, 1_692_806_364_000n)).toBe(1_000n);
    expect(roundFrom(QUICKNET, 1_692_806_364_001n)).toBe(1_001n);
    expect(roundFrom(QUICKNET, 0n)).toBe(1n);
  });

  it('are the first at or after a time', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 1n << 53n }),
        fc.bigInt({ min: 1n, max: 3_600_000n }),
        fc.bigInt({ min: 0n, max: 1n << 53n }),
        (genesisMs, periodMs, timeMs) => {
          const beacon = { ...BEACON, genesisMs, periodMs };
          const round = roundFrom(beacon, timeMs);
          expect(roundTimeMs(beacon, round) >= timeMs).toBe(true);
          expect(round === 1n || roundTimeMs(beacon, round - 1n) < timeMs).toBe(true);
        },
      ),
      { seed: 20_261_002 },
    );
  });
});
