import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openLmdbStore } from '../src/index.ts';
import { aFolder } from './parts.ts';

const SEED = 7;

describe('the check of a database file', () => {
  it(`accepts every file the library writes, with free lists, spans and large values (seed ${SEED})`, async () => {
    const change = fc.record({
      key: fc.nat(400),
      size: fc.oneof(fc.nat(300), fc.nat(60_000)),
      isDeleted: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(change, { maxLength: 60 }), { minLength: 1, maxLength: 40 }),
        async (rounds) => {
          const folder = aFolder();
          const expected = new Map<string, number>();
          let store = openLmdbStore(folder);
          for (const [round, changes] of rounds.entries()) {
            const writes = changes.map(({ key, size, isDeleted }) => ({
              key: `k/${key}`,
              value: isDeleted ? null : new Uint8Array(size),
            }));
            await store.write(writes);
            for (const { key, value } of writes) {
              if (value === null) expected.delete(key);
              else expected.set(key, value.length);
            }
            if (round % 5 !== 4) continue;
            await store.close();
            store = openLmdbStore(folder);
          }
          await store.close();
          store = openLmdbStore(folder);
          const found = new Map([...store.entries('')].map(([key, value]) => [key, value.length]));
          await store.close();
          expect(found).toEqual(new Map([...expected].sort(([a], [b]) => (a < b ? -1 : 1))));
        },
      ),
      { seed: SEED, numRuns: process.env.CAIRN_TEST_LONG ? 200 : 12 },
    );
  });
});
