import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openLmdbStore, type ReplaceableStore } from '../../src/index.ts';
import { aFolder } from '../parts.ts';
import { aSnapshotNode, aValue, type SnapshotNode } from './parts.ts';

const LIFE_MS = 60_000;

/** A store on disk that counts how often it is frozen and let go. */
function aCountedStore(folder: string) {
  const store = openLmdbStore(folder);
  const counts = { frozen: 0, released: 0 };
  const counted: ReplaceableStore = {
    ...store,
    freeze() {
      counts.frozen += 1;
      const frozen = store.freeze();
      let isReleased = false;
      return {
        ...frozen,
        release() {
          if (!isReleased) counts.released += 1;
          isReleased = true;
          frozen.release();
        },
      };
    },
  };
  return { store: counted, counts };
}

const MAKING = 'making-000000000001';

/** Lets time pass the moment its first piece is on disk. */
async function slowDown({ time, folder }: SnapshotNode): Promise<void> {
  while (!existsSync(join(folder, MAKING, 'chunk-000000'))) await setImmediate();
  await time.advance(LIFE_MS);
}

const pieces = Object.fromEntries(
  Array.from({ length: 12 }, (_, index) => [`a/${index + 10}`, aValue(`${index}`, 3_000_000)]),
);

describe('a snapshot that takes too long', () => {
  it('is given up and lets the database go; the next one is whole', async () => {
    const { store, counts } = aCountedStore(aFolder());
    const node = await aSnapshotNode({ store, lifeMs: LIFE_MS });
    await node.advance(pieces);
    const taken = node.snapshots.take();
    const refused = expect(taken).rejects.toMatchObject({
      problem: { code: 'SNAPSHOT_TOO_SLOW', lifeMs: LIFE_MS },
    });
    await slowDown(node);
    // At once, and not when the disk has answered.
    expect(counts).toEqual({ frozen: 1, released: 1 });
    await refused;
    expect(readdirSync(node.folder)).toEqual([]);
    expect(await node.snapshots.take()).toMatchObject({ height: 1, pieces: 12 });
    expect(counts).toEqual({ frozen: 2, released: 2 });
    await store.close();
  });

  it('is tried again when the next is due, without stopping the blocks', async () => {
    const node = await aSnapshotNode({ store: openLmdbStore(aFolder()), lifeMs: LIFE_MS, interval: 1 });
    await node.advance(pieces);
    await slowDown(node);
    await node.snapshots.close();
    await node.advance({});
    await node.snapshots.close();
    expect(readdirSync(node.folder)).toEqual(['000000000002']);
    await node.store.close();
  });

  it('has no say after it is done', async () => {
    const node = await aSnapshotNode({ store: openLmdbStore(aFolder()), lifeMs: LIFE_MS });
    await node.advance({ 'a/1': aValue('one') });
    await node.snapshots.take();
    await node.time.advance(LIFE_MS);
    expect(await node.snapshots.take()).toMatchObject({ height: 1 });
    await node.store.close();
  });

  it('gives back the room that it held', async () => {
    const folder = aFolder();
    const { store } = aCountedStore(folder);
    const node = await aSnapshotNode({ store, lifeMs: LIFE_MS });
    await node.advance(pieces);
    const taken = node.snapshots.take().catch(() => 'given up');
    await slowDown(node);
    expect(await taken).toBe('given up');
    const size = () => statSync(join(folder, 'data.mdb')).size;
    const overwrite = async () => {
      for (let turn = 1; turn <= 4; turn++)
        await store.write([{ key: 'x/1', value: aValue(`${turn}`, 3_000_000) }]);
    };
    await overwrite();
    const settled = size();
    await overwrite();
    expect(size()).toBeLessThan(settled + 1_000_000);
    // What it would be like if it were held.
    const held = store.freeze();
    await overwrite();
    await overwrite();
    expect(size()).toBeGreaterThan(settled + 9_000_000);
    held.release();
    await store.close();
  });
});
