import { expect, it } from 'vitest';
import { shareEqually } from '../../../src/emission/share-rules/equal.ts';

it('gives the same to all and the rest to the lowest netuid', () => {
  const { shares } = shareEqually([{ netuid: 9 }, { netuid: 2 }, { netuid: 5 }], 11n);
  expect(shares).toEqual([3n, 5n, 3n]);
});
