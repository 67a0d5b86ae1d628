import { describe, expect, it } from 'vitest';
import { simulateEconomy } from '../../src/index.ts';

const isLong = process.env.CAIRN_TEST_LONG === '1';
const SIZE = isLong ? { days: 365, subnets: 64 } : { days: 6, subnets: 16 };

describe('a simulated year', () => {
  it('compares the share rules over the same people and draws one page', async () => {
    const seen: number[] = [];
    const result = await simulateEconomy({ ...SIZE, seed: 4, onProgress: (done) => seen.push(done) });
    expect(result.rules.map(({ rule }) => rule)).toEqual([7, 2, 3, 4, 5, 6]);
    for (const { shares, name, minted } of result.rules) {
      const sum = Object.values(shares).reduce((total, share) => total + share, 0);
      if (minted > 0) expect(sum, name).toBeCloseTo(1);
    }
    expect(seen).toHaveLength(6 * SIZE.days);
    expect(seen.at(-1)).toBe(6 * SIZE.days);
    expect(result.html).toMatch(/^<!doctype html>/);
    expect(result.html.match(/<svg /g)).toHaveLength(7);
    expect(result.html).not.toMatch(/NaN|Infinity|undefined|https?:/);
  });

  it('is the same for the same seed and another for another', async () => {
    const small = { days: 2, subnets: 16 };
    const [first, again, other] = await Promise.all(
      [7, 7, 8].map((seed) => simulateEconomy({ ...small, seed })),
    );
    expect(again).toEqual(first);
    expect(other!.rules).not.toEqual(first!.rules);
  });
});
