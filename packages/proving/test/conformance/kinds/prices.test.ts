import { parseConformanceCases, runConformance } from '@cairn/proving';
import { describe, expect, it } from 'vitest';

/** What is wrong with one case of a kind. */
function differencesOf(kind: string, input: unknown, expected: unknown, tolerance = 0): readonly string[] {
  const text = JSON.stringify([{ kind, input, expected, tolerance }]);
  return runConformance(parseConformanceCases(text, 'figures.json')).failures[0]?.differences ?? [];
}

describe('price cases', () => {
  it('name the bound that a price is not within', () => {
    const rise = {
      spot_price: 1,
      moving_price: 0,
      moving_alpha: 0.5,
      blocks_since_start: 100,
      halving_blocks: 100,
    };
    expect(differencesOf('price_ema', rise, { greater_than: 0.2, less_than: 0.3 })).toEqual([]);
    expect(differencesOf('price_ema', rise, { less_than: 0.2 })).toEqual([
      'price is 0.25, expected less_than 0.2',
    ]);
  });

  it('take one for the median of no prices', () => {
    expect(differencesOf('median_subnet_price', { prices: [] }, 1)).toEqual([]);
  });
});
