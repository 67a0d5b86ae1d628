import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filesOfShard, formatShard, parseShard } from '../../src/test-command/shard.ts';

describe('shards', () => {
  it('reads i/n and writes it back', () => {
    expect(parseShard('2/5')).toEqual({ index: 2, count: 5 });
    expect(formatShard({ index: 2, count: 5 })).toBe('2/5');
  });

  it.each(['', '0/3', '4/3', '1', '1/0', 'a/b', '1/2/3', '-1/2', ' 1/2'])('refuses %j', (text) => {
    expect(parseShard(text)).toBeUndefined();
  });

  it('gives each file to exactly one shard, whatever order they are listed in', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string(), { maxLength: 30 }),
        fc.integer({ min: 1, max: 9 }),
        (files, count) => {
          const shards = Array.from({ length: count }, (_, position) => ({ index: position + 1, count }));
          const dealt = shards.map((shard) => filesOfShard(files, shard));
          expect(dealt.flat().toSorted()).toEqual(files.toSorted());
          expect(shards.map((shard) => filesOfShard(files.toReversed(), shard))).toEqual(dealt);
        },
      ),
    );
  });
});
