import { describe, expect, it } from 'vitest';
import { simulateLedger } from '../../src/index.ts';

const isLong = process.env.CAIRN_TEST_LONG === '1';
const SEEDS = Array.from({ length: isLong ? 100 : 4 }, (_, i) => i + 1);
const BLOCKS = isLong ? 520 : 160;
/** Long runs add up to a million operations and more. */
const TRANSACTIONS_PER_BLOCK = isLong ? 44 : 24;

describe('random transactions of every module', () => {
  it.each(SEEDS)(
    'break nothing that must always hold (seed %i)',
    (seed) => {
      const { done, refused, roots } = simulateLedger({
        seed,
        blocks: BLOCKS,
        transactionsPerBlock: TRANSACTIONS_PER_BLOCK,
      });
      const operations = [...Object.values(done), ...Object.values(refused)].reduce((a, b) => a + b, 0);
      expect(operations, `seed ${seed}`).toBeGreaterThan(isLong ? 10_000 : 1_000);
      expect(roots).toHaveLength(BLOCKS);
      for (const module of [
        'accounts',
        'staking',
        'subnets',
        'registry',
        'channels',
        'validators',
        'pools',
        'crowdfunding',
        'governance',
        'training',
      ]) {
        expect(done[module], `${module}, seed ${seed}`).toBeGreaterThan(0);
      }
      expect(Object.keys(refused).length, `seed ${seed}`).toBeGreaterThan(15);
    },
    600_000,
  );

  it('give the same roots for the same seed, and others for another', () => {
    const [first, again, other] = [5, 5, 6].map((seed) => simulateLedger({ seed, blocks: 30 }));
    expect(again).toEqual(first);
    expect(other!.roots).not.toEqual(first!.roots);
  });
});
