import { type RelationRow, relationsOf } from '@cairn/proving';
import { describe, expect, it } from 'vitest';

const aRow = (run: RelationRow['run'], seed: number, perplexity: number): RelationRow => ({
  ...{ run, seed, perplexity, compression: null },
  ...{ attackerRefused: null, honestRefused: null, seconds: 1 },
});

const of = (rows: readonly RelationRow[], begin: string) =>
  relationsOf(rows).find(({ relation }) => relation.startsWith(begin))!;

describe('the relations between ways to train together', () => {
  it('hold when every seed keeps them, and are missed by one that does not', () => {
    const kept = [aRow('ddp4', 1, 10), aRow('diloco4', 1, 10.4)];
    expect(of(kept, 'DiLoCo')).toMatchObject({ ratios: [1.04], bound: 1.05, holds: true });
    const missed = [...kept, aRow('ddp4', 2, 10), aRow('diloco4', 2, 10.6)];
    expect(of(missed, 'DiLoCo')).toMatchObject({ ratios: [1.04, 1.06], holds: false });
    const destroyed = [aRow('sparse64x3', 1, 10), aRow('attackedUnprotected', 1, 1e12)];
    expect(of(destroyed, 'attacked, unprotected')).toMatchObject({ isFloor: true, holds: true });
  });

  it('are not kept by a seed that has one side only', () => {
    expect(of([aRow('diloco4', 1, 10)], 'DiLoCo')).toMatchObject({ ratios: [], holds: false });
  });

  it('promise nothing of what restarted moments cost', () => {
    const rows = [aRow('sparse256x4', 1, 11), aRow('sparse256x4Kept', 1, 10)];
    expect(of(rows, 'moments')).toMatchObject({ ratios: [1.1], bound: null, holds: null });
  });
});
